WITH recurring AS (
    DELETE FROM soniq_recurring_jobs WHERE job_name = $1 RETURNING id
),
schedule AS (
    DELETE FROM soniq_schedules WHERE job_name = $1 RETURNING id
)
SELECT count(*) FROM (SELECT id FROM recurring UNION ALL SELECT id FROM schedule) AS deleted
