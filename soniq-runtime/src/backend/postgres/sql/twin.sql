-- The queued job that holds a key that a new job asked for.
SELECT id
FROM soniq_jobs
WHERE status = 'queued'
  AND (dedup_key = $1 OR (unique_job AND job_name = $2 AND args_hash = $3))
LIMIT 1
