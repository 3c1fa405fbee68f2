-- When the next schedule fires, of those that were not due yet at ?1.
SELECT min(next_run)
FROM (
    SELECT next_run FROM soniq_recurring_jobs WHERE status = 'active'
    UNION ALL
    SELECT next_run FROM soniq_schedules WHERE status = 'active'
)
WHERE next_run > ?1
