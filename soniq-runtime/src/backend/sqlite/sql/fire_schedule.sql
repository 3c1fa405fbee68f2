-- The job of one firing. Nothing is written for one that meets a queued twin.
INSERT INTO soniq_jobs (
    id, job_name, args, queue, priority, max_attempts, producer_id, unique_job, args_hash,
    created_at, updated_at
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 IS NOT NULL, ?8, ?9, ?9)
ON CONFLICT DO NOTHING
