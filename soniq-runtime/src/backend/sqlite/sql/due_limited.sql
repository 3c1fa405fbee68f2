-- As due_jobs.sql, for as many as are read; ?4 is whether jobs that must run alone are wanted, or the
-- others.
SELECT id, job_name, args
FROM soniq_jobs INDEXED BY idx_soniq_jobs_claim
WHERE status = 'queued'
  AND coalesce(scheduled_at, created_at) <= ?3
  AND queue IN (SELECT value FROM json_each(?1))
  AND queue NOT IN (SELECT queue FROM soniq_paused_queues)
  AND job_name IN (SELECT value FROM json_each(?2))
  AND (json_type(meta, '$.solo') IS NOT NULL) = ?4
ORDER BY priority, coalesce(scheduled_at, created_at), id
