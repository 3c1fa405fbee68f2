-- Claims of a worker that it does not know of: the answer to the claim never reached it.
SELECT job.id, job.worker_id, job.claim_id, job.attempts, coalesce(job.meta ? 'solo', false) AS solo
FROM soniq_jobs AS job
WHERE job.worker_id = $1
  AND job.status = 'processing'
  AND NOT EXISTS (
      SELECT 1
      FROM unnest($2::uuid[], $3::bigint[]) AS known (id, claim_id)
      WHERE known.id = job.id AND known.claim_id IS NOT DISTINCT FROM job.claim_id
  )
ORDER BY job.id
