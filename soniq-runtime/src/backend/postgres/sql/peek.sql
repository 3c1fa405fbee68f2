-- What a worker that found too little asks before it sleeps: when the next job is due, and
-- whether one waits to be claimed alone.
SELECT
    (
        -- Infinite times can be told apart from now, but not subtracted from it.
        SELECT extract(epoch FROM min(scheduled_at))::float8 - extract(epoch FROM now())::float8
        FROM soniq_jobs
        WHERE status = 'queued'
          AND scheduled_at > now()
          AND coalesce(queue, 'default') = ANY ($1)
          AND job_name = ANY ($2)
    ) AS next_due,
    EXISTS (
        SELECT 1
        FROM soniq_jobs
        WHERE status = 'queued'
          AND meta ? 'solo'
          AND coalesce(queue, 'default') = ANY ($1)
          AND job_name = ANY ($2)
          AND (scheduled_at IS NULL OR scheduled_at <= now())
    ) AS solo
