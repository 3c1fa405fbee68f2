SELECT
    'soniq_recurring_jobs' AS source, id, schedule_type, schedule_value, 'UTC' AS timezone,
    'one' AS catch_up, priority, queue, max_attempts, job_kwargs,
    coalesce(unique_job, false) AS unique_job
FROM soniq_recurring_jobs
WHERE job_name = $1
UNION ALL
SELECT
    'soniq_schedules', id, schedule_type, schedule_value, timezone,
    catch_up, priority, queue, max_attempts, job_kwargs,
    coalesce(unique_job, false)
FROM soniq_schedules
WHERE job_name = $1
