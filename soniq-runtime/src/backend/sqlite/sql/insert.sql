-- One job. Nothing is written where its id is taken.
INSERT INTO soniq_jobs (
    id, job_name, args, args_hash, queue, priority, max_attempts,
    unique_job, dedup_key, scheduled_at, producer_id, meta, created_at, updated_at
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
ON CONFLICT (id) DO NOTHING
