SELECT extract(epoch FROM min(next_run))::float8 - extract(epoch FROM now())::float8
FROM (
    SELECT next_run FROM soniq_recurring_jobs WHERE status = 'active'
    UNION ALL
    SELECT next_run FROM soniq_schedules WHERE status = 'active'
) AS schedule
