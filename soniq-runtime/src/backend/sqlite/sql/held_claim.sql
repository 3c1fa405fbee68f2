-- A claim whose fence still holds.
SELECT job_name, args_hash, queue, unique_job, dedup_key, scheduled_at, meta
FROM soniq_jobs
WHERE id = ?1
  AND status = 'processing'
  AND worker_id IS ?2
  AND claim_id IS ?3
  AND attempts IS ?4
