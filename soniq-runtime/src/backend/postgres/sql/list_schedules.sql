SELECT
    id, job_name, schedule_type, schedule_value, 'UTC' AS timezone, 'one' AS catch_up, queue,
    priority, job_kwargs, status, last_run, next_run, run_count, last_job_id
FROM soniq_recurring_jobs
UNION ALL
SELECT
    id, job_name, schedule_type, schedule_value, timezone, catch_up, queue,
    priority, job_kwargs, status, last_run, next_run, run_count, last_job_id
FROM soniq_schedules
ORDER BY job_name, id
