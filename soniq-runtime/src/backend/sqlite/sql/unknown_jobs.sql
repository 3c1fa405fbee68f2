-- Up to ?4 due jobs of the queues ?1 with other names than ?2, for a worker that wants them gone, in
-- the order in which a claim walks. A paused queue is nobody's to clear.
SELECT id, job_name, meta
FROM soniq_jobs INDEXED BY idx_soniq_jobs_claim
WHERE status = 'queued'
  AND coalesce(scheduled_at, created_at) <= ?3
  AND queue IN (SELECT value FROM json_each(?1))
  AND queue NOT IN (SELECT queue FROM soniq_paused_queues)
  AND job_name NOT IN (SELECT value FROM json_each(?2))
ORDER BY priority, coalesce(scheduled_at, created_at), id
LIMIT ?4
