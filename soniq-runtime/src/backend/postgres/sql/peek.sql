-- What a worker that found too little asks before it sleeps: when the next job is due, and
-- whether one waits to be claimed alone. The next due time is looked up name by name, so that a
-- backlog of other tasks costs nothing. What lies in a paused queue is nobody's until it is resumed,
-- which wakes its workers.
WITH open AS MATERIALIZED (
    SELECT coalesce(array_agg(own.queue), '{}') AS queues
    FROM unnest($1::text[]) AS own (queue)
    WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
)
SELECT
    (
        -- Infinite times can be told apart from now, but not subtracted from it.
        SELECT extract(epoch FROM min(next.scheduled_at))::float8 - extract(epoch FROM now())::float8
        FROM unnest($2::text[]) AS task (name)
        CROSS JOIN LATERAL (
            SELECT scheduled_at
            FROM soniq_jobs
            WHERE status = 'queued'
              AND job_name = task.name
              AND coalesce(queue, 'default') = ANY ((SELECT queues FROM open)::text[])
              AND scheduled_at > now()
            ORDER BY scheduled_at
            LIMIT 1
        ) AS next
    ) AS next_due,
    EXISTS (
        SELECT 1
        FROM soniq_jobs
        WHERE status = 'queued'
          AND meta ? 'solo'
          AND coalesce(queue, 'default') = ANY ((SELECT queues FROM open)::text[])
          AND job_name = ANY ($2)
          AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ) AS solo,
    -- The oldest transaction that may still have something to commit, and the next one's number.
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
