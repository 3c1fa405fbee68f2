SELECT id
FROM soniq_jobs
WHERE worker_id = ?1 AND status = 'processing' AND json_type(meta, '$.called_off') IS NOT NULL
ORDER BY id
