-- Active schedules of both tables whose time has come, or that have none yet. One that somebody has
-- locked is left for another time. A null counts as its column's default.
SELECT
    schedule.source, schedule.id, schedule.job_name, schedule.schedule_type,
    schedule.schedule_value, schedule.timezone, schedule.catch_up, schedule.next_run,
    coalesce(schedule.job_kwargs, '{}') AS job_kwargs,
    coalesce(schedule.queue, 'default')::text AS queue,
    coalesce(schedule.priority, 100)::integer AS priority,
    coalesce(schedule.max_attempts, 4)::integer AS max_attempts,
    coalesce(schedule.unique_job, false) AS unique_job
FROM (
    SELECT
        'soniq_recurring_jobs' AS source, id, job_name, schedule_type, schedule_value,
        'UTC' AS timezone, 'one' AS catch_up, next_run,
        job_kwargs, queue, priority, max_attempts, unique_job
    FROM (
        SELECT * FROM soniq_recurring_jobs
        WHERE coalesce(status, 'active') = 'active' AND (next_run IS NULL OR next_run <= now())
        ORDER BY id FOR UPDATE SKIP LOCKED
    ) AS recurring
    UNION ALL
    SELECT
        'soniq_schedules', id, job_name, schedule_type, schedule_value,
        timezone, catch_up, next_run,
        job_kwargs, queue, priority, max_attempts, unique_job
    FROM (
        SELECT * FROM soniq_schedules
        WHERE status = 'active' AND (next_run IS NULL OR next_run <= now())
        ORDER BY id FOR UPDATE SKIP LOCKED
    ) AS own
) AS schedule
