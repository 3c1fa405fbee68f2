-- The job of one firing. No row comes back when a queued twin has its arguments. The wait for a twin
-- that is not committed yet is bounded: other schedules wait with it.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '500ms', true)
)
INSERT INTO soniq_jobs (
    id, job_name, args, queue, priority, max_attempts, producer_id, unique_job, args_hash
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::text IS NOT NULL, $8
FROM patience
ON CONFLICT DO NOTHING
RETURNING id, pg_notify('soniq_new_job', queue)
