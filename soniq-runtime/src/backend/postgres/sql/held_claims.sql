-- Which of these claims still hold: what a write skipped was locked, and not lost.
SELECT job.id
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[])
    AS claim (id, worker_id, claim_id, attempts)
JOIN soniq_jobs AS job ON job.id = claim.id
WHERE job.status = 'processing'
  AND job.worker_id IS NOT DISTINCT FROM claim.worker_id
  AND job.claim_id IS NOT DISTINCT FROM claim.claim_id
  AND job.attempts IS NOT DISTINCT FROM claim.attempts
