-- Up to ?4 due jobs of the queues ?1 and the names ?2, in the order in which they should run; none
-- that must run alone. The index has that order, so nothing is sorted.
SELECT id
FROM soniq_jobs INDEXED BY idx_soniq_jobs_claim
WHERE status = 'queued'
  AND coalesce(scheduled_at, created_at) <= ?3
  AND queue IN (SELECT value FROM json_each(?1))
  AND queue NOT IN (SELECT queue FROM soniq_paused_queues)
  AND job_name IN (SELECT value FROM json_each(?2))
  AND json_type(meta, '$.solo') IS NULL
ORDER BY priority, coalesce(scheduled_at, created_at), id
LIMIT ?4
