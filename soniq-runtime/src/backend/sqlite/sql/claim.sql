-- The greatest attempts that the shared tables hold stay what they are.
UPDATE soniq_jobs
SET status = 'processing',
    attempts = min(attempts, 2147483646) + 1,
    worker_id = ?2,
    claim_id = ?3,
    updated_at = ?4
WHERE id = ?1
RETURNING id, attempts, job_name, args, max_attempts, queue, created_at
