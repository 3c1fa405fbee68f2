WITH recurring AS (
    UPDATE soniq_recurring_jobs SET status = 'paused', updated_at = now()
    WHERE job_name = $1 AND coalesce(status, 'active') <> 'paused'
    RETURNING id
),
schedule AS (
    UPDATE soniq_schedules SET status = 'paused', updated_at = now()
    WHERE job_name = $1 AND status <> 'paused'
    RETURNING id
)
SELECT
    EXISTS (SELECT 1 FROM recurring UNION ALL SELECT 1 FROM schedule) AS changed,
    EXISTS (
        SELECT 1 FROM soniq_recurring_jobs WHERE job_name = $1
        UNION ALL
        SELECT 1 FROM soniq_schedules WHERE job_name = $1
    ) AS known
