SELECT
    id, worker_id, claim_id, attempts, max_attempts,
    json_type(meta, '$.solo') IS NOT NULL AS solo,
    json_type(meta, '$.called_off') IS NOT NULL AS called_off
FROM soniq_jobs
WHERE worker_id = ?1 AND status = 'processing'
ORDER BY id
