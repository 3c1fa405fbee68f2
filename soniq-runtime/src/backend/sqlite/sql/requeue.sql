UPDATE soniq_jobs
SET status = ?2,
    expires_at = coalesce(?3, expires_at),
    attempts = attempts - ?4,
    scheduled_at = ?5,
    last_error = coalesce(?6, last_error),
    worker_id = NULL,
    claim_id = NULL,
    dedup_key = CASE WHEN ?7 THEN NULL ELSE dedup_key END,
    unique_job = unique_job AND NOT ?7,
    meta = ?8,
    updated_at = ?9
WHERE id = ?1
