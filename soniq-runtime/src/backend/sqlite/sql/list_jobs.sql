SELECT
    id, job_name, args, status, attempts, max_attempts, queue, priority, scheduled_at, expires_at,
    last_error, result, producer_id, worker_id, dedup_key, created_at, updated_at
FROM soniq_jobs
WHERE (?1 IS NULL OR job_name = ?1)
  AND (?2 IS NULL OR queue = ?2)
  AND (?3 IS NULL OR status = ?3)
ORDER BY created_at DESC, id DESC
LIMIT ?4
