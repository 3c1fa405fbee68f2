-- Whether one waits to be claimed alone.
SELECT EXISTS (
    SELECT 1
    FROM soniq_jobs INDEXED BY idx_soniq_jobs_solo
    WHERE status = 'queued'
      AND json_type(meta, '$.solo') IS NOT NULL
      AND coalesce(scheduled_at, created_at) <= ?3
      AND queue IN (SELECT value FROM json_each(?1))
      AND queue NOT IN (SELECT queue FROM soniq_paused_queues)
      AND job_name IN (SELECT value FROM json_each(?2))
)
