-- What a worker that found too little asks before it sleeps: when the next job is due, and
-- whether one waits to be claimed alone.
SELECT
    (
        SELECT extract(epoch FROM min(scheduled_at) - now())::float8
        FROM soniq_jobs
        WHERE status = 'queued'
          AND scheduled_at > now()
          AND queue = ANY ($1)
          AND job_name = ANY ($2)
    ) AS next_due,
    EXISTS (
        SELECT 1
        FROM soniq_jobs
        WHERE status = 'queued'
          AND meta ? 'solo'
          AND queue = ANY ($1)
          AND job_name = ANY ($2)
          AND (scheduled_at IS NULL OR scheduled_at <= now())
    ) AS solo
