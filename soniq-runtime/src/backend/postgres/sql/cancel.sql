UPDATE soniq_jobs
SET status = 'cancelled',
    expires_at = now() + $2 * interval '1 second',
    worker_id = NULL,
    claim_id = NULL,
    updated_at = now()
WHERE id = $1 AND status = 'queued'
RETURNING id
