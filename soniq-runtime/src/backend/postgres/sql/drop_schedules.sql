-- Schedules that owner $1 had and that are not among the tasks $2; of those, the ones that nobody
-- else has.
WITH schedule AS (
    SELECT id, job_name FROM soniq_recurring_jobs
    UNION ALL
    SELECT id, job_name FROM soniq_schedules
),
dropped AS (
    UPDATE soniq_schedule_owners AS own
    SET dropped_at = now()
    FROM schedule
    WHERE own.schedule_id = schedule.id
      AND own.owner = $1
      AND own.dropped_at IS NULL
      AND NOT schedule.job_name = ANY ($2)
    RETURNING own.schedule_id, schedule.job_name
)
SELECT dropped.job_name
FROM dropped
WHERE NOT EXISTS (
    SELECT 1
    FROM soniq_schedule_owners AS other
    WHERE other.schedule_id = dropped.schedule_id AND other.owner <> $1 AND other.dropped_at IS NULL
)
ORDER BY dropped.job_name
