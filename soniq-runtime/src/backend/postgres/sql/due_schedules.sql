-- Active schedules of both tables whose time has come, or that have none yet.
SELECT
    'soniq_recurring_jobs' AS source, id, job_name, schedule_type, schedule_value,
    'UTC' AS timezone, 'one' AS catch_up, priority, queue, max_attempts, job_kwargs,
    coalesce(unique_job, false) AS unique_job, next_run,
    now() AS now
FROM (
    SELECT * FROM soniq_recurring_jobs
    WHERE status = 'active' AND (next_run IS NULL OR next_run <= now())
    ORDER BY id FOR UPDATE
) AS recurring
UNION ALL
SELECT
    'soniq_schedules', id, job_name, schedule_type, schedule_value,
    timezone, catch_up, priority, queue, max_attempts, job_kwargs,
    coalesce(unique_job, false), next_run,
    now()
FROM (
    SELECT * FROM soniq_schedules
    WHERE status = 'active' AND (next_run IS NULL OR next_run <= now())
    ORDER BY id FOR UPDATE
) AS schedule
