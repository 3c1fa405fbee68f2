UPDATE soniq_jobs
SET status = 'cancelled', expires_at = ?2, worker_id = NULL, claim_id = NULL, updated_at = ?3
WHERE id = ?1 AND status = 'queued'
