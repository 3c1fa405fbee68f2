WITH recurring AS (
    DELETE FROM soniq_recurring_jobs WHERE job_name = $1 RETURNING status
),
schedule AS (
    DELETE FROM soniq_schedules WHERE job_name = $1 RETURNING status
)
SELECT status FROM recurring UNION ALL SELECT status FROM schedule
