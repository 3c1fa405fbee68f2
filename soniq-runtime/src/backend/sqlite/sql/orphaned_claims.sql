-- Claims whose worker has no row at all.
SELECT
    job.id, job.worker_id, job.claim_id, job.attempts, job.max_attempts,
    json_type(job.meta, '$.solo') IS NOT NULL AS solo,
    json_type(job.meta, '$.called_off') IS NOT NULL AS called_off
FROM soniq_jobs AS job
WHERE job.status = 'processing'
  AND NOT EXISTS (SELECT 1 FROM soniq_workers AS worker WHERE worker.id = job.worker_id)
ORDER BY job.id
