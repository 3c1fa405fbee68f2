-- Not locked here: each write skips what somebody has locked, and the worker is kept for another try.
SELECT id, worker_id, claim_id, attempts, max_attempts, meta ? 'solo' AS solo,
       meta ? 'called_off' AS called_off
FROM soniq_jobs
WHERE worker_id = $1 AND status = 'processing'
ORDER BY id
LIMIT $2
