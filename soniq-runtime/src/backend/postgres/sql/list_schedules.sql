-- Schedules of both tables, or those of one task. Others write these tables too, by hand as well:
-- a null counts as its column's default.
SELECT
    schedule.source, schedule.id, schedule.job_name, schedule.schedule_type,
    schedule.schedule_value, schedule.timezone, schedule.catch_up, schedule.created_at,
    schedule.last_run, schedule.next_run, schedule.last_job_id,
    coalesce(schedule.job_kwargs, '{}') AS job_kwargs,
    coalesce(schedule.queue, 'default')::text AS queue,
    coalesce(schedule.priority, 100)::integer AS priority,
    coalesce(schedule.max_attempts, 4)::integer AS max_attempts,
    coalesce(schedule.unique_job, false) AS unique_job,
    coalesce(schedule.status, 'active')::text AS status,
    coalesce(schedule.run_count, 0)::integer AS run_count,
    coalesce(owner.current, owner.former, '{}') AS owners,
    CASE WHEN owner.current IS NULL THEN owner.last_dropped END AS orphaned_at
FROM (
    SELECT
        'soniq_recurring_jobs' AS source, id, job_name, schedule_type, schedule_value,
        'UTC' AS timezone, 'one' AS catch_up, created_at, last_run, next_run, last_job_id,
        job_kwargs, queue, priority, max_attempts, unique_job, status, run_count
    FROM soniq_recurring_jobs
    UNION ALL
    SELECT
        'soniq_schedules', id, job_name, schedule_type, schedule_value,
        timezone, catch_up, created_at, last_run, next_run, last_job_id,
        job_kwargs, queue, priority, max_attempts, unique_job, status, run_count
    FROM soniq_schedules
) AS schedule
LEFT JOIN LATERAL (
    SELECT
        array_agg(owner ORDER BY owner) FILTER (WHERE dropped_at IS NULL) AS current,
        array_agg(owner ORDER BY owner) AS former,
        max(dropped_at) AS last_dropped
    FROM soniq_schedule_owners
    WHERE schedule_id = schedule.id
) AS owner ON true
WHERE $1::text IS NULL OR schedule.job_name = $1
ORDER BY schedule.job_name, schedule.source, schedule.id
