-- Seconds until the next schedule fires, of those that were not due yet at $1.
SELECT extract(epoch FROM min(next_run))::float8 - extract(epoch FROM now())::float8
FROM (
    SELECT next_run FROM soniq_recurring_jobs WHERE coalesce(status, 'active') = 'active'
    UNION ALL
    SELECT next_run FROM soniq_schedules WHERE status = 'active'
) AS schedule
WHERE next_run > coalesce($1, now())
