-- The queued job that holds a key: a dedup_key, or the name and arguments of a unique job. Each side
-- names its partial index's terms, so that both are looked up there.
SELECT id
FROM soniq_jobs
WHERE status = 'queued' AND dedup_key IS NOT NULL AND dedup_key = ?1
UNION ALL
SELECT id
FROM soniq_jobs
WHERE status = 'queued' AND unique_job = 1 AND job_name = ?2 AND args_hash = ?3
LIMIT 1
