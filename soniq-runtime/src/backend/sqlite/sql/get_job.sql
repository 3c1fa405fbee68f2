SELECT
    id, job_name, args, status, attempts, max_attempts, queue, priority, scheduled_at, expires_at,
    last_error, result, producer_id, worker_id, dedup_key, created_at, updated_at
FROM soniq_jobs
WHERE id = ?1
