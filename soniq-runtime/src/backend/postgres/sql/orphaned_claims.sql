-- Claims whose worker has no row at all: removed by hand, or by another implementation's sweep.
-- Those that could not be put back before are left out.
SELECT job.id, job.worker_id, job.claim_id, job.attempts, job.max_attempts,
       job.meta ? 'solo' AS solo, job.meta ? 'called_off' AS called_off
FROM soniq_jobs AS job
WHERE job.status = 'processing'
  AND NOT EXISTS (SELECT 1 FROM soniq_workers AS worker WHERE worker.id = job.worker_id)
  AND job.id <> ALL ($2)
ORDER BY job.id
LIMIT $1
FOR UPDATE SKIP LOCKED
