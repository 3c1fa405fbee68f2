-- Schedules of both tables, or those of one task. Owners are those that have it; of an orphan, those
-- that had it.
SELECT
    schedule.plain, schedule.id, schedule.job_name, schedule.schedule_type, schedule.schedule_value,
    schedule.timezone, schedule.catch_up, schedule.created_at, schedule.last_run, schedule.next_run,
    schedule.last_job_id, schedule.job_kwargs, schedule.queue, schedule.priority,
    schedule.max_attempts, schedule.unique_job, schedule.status, schedule.run_count,
    (
        SELECT json_group_array(own.owner ORDER BY own.owner)
        FROM soniq_schedule_owners AS own
        WHERE own.schedule_id = schedule.id
          AND (own.dropped_at IS NULL OR NOT EXISTS (
              SELECT 1
              FROM soniq_schedule_owners AS other
              WHERE other.schedule_id = schedule.id AND other.dropped_at IS NULL
          ))
    ) AS owners,
    (
        SELECT CASE WHEN count(*) = count(own.dropped_at) THEN max(own.dropped_at) END
        FROM soniq_schedule_owners AS own
        WHERE own.schedule_id = schedule.id
    ) AS orphaned_at
FROM (
    SELECT
        1 AS plain, id, job_name, schedule_type, schedule_value, 'UTC' AS timezone,
        'one' AS catch_up, created_at, last_run, next_run, last_job_id, job_kwargs, queue, priority,
        max_attempts, unique_job, status, run_count
    FROM soniq_recurring_jobs
    UNION ALL
    SELECT
        0, id, job_name, schedule_type, schedule_value, timezone,
        catch_up, created_at, last_run, next_run, last_job_id, job_kwargs, queue, priority,
        max_attempts, unique_job, status, run_count
    FROM soniq_schedules
) AS schedule
WHERE ?1 IS NULL OR schedule.job_name = ?1
ORDER BY schedule.job_name, schedule.plain DESC, schedule.id
