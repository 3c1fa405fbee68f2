UPDATE soniq_jobs
SET status = 'done',
    result = ?2,
    expires_at = ?3,
    worker_id = NULL,
    claim_id = NULL,
    updated_at = ?4
WHERE id = ?1
