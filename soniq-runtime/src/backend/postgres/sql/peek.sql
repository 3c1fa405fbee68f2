-- What a worker that found too little asks before it sleeps: when the next job is due, and
-- whether one waits to be claimed alone. The next due time is looked up name by name, so that a
-- backlog of other tasks costs nothing. What lies in a paused queue is nobody's until it is resumed,
-- which wakes its workers.
WITH RECURSIVE open AS MATERIALIZED (
    SELECT coalesce(array_agg(own.queue), '{}') AS queues
    FROM unnest($1::text[]) AS own (queue)
    WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
),
pair AS MATERIALIZED (
    SELECT task.name, own.queue, hashtext(task.name || '/' || own.queue) AS hash
    FROM unnest($2::text[]) AS task (name)
    CROSS JOIN unnest((SELECT queues FROM open)::text[]) AS own (queue)
),
-- The priorities of what is queued of each name in each queue, found by one step of the index each;
-- why by ranges, claim_by_name.sql says.
level (name, queue, hash, priority) AS (
    SELECT pair.name, pair.queue, pair.hash, (
        SELECT coalesce(job.priority, 100)
        FROM soniq_jobs AS job
        WHERE job.status = 'queued'
          AND hashtext(job.job_name || '/' || coalesce(job.queue, 'default')) >= pair.hash
          AND hashtext(job.job_name || '/' || coalesce(job.queue, 'default')) <= pair.hash
        ORDER BY hashtext(job.job_name || '/' || coalesce(job.queue, 'default')),
            coalesce(job.priority, 100), coalesce(job.scheduled_at, job.created_at, '-infinity')
        LIMIT 1
    )
    FROM pair
    UNION ALL
    SELECT level.name, level.queue, level.hash, (
        SELECT coalesce(job.priority, 100)
        FROM soniq_jobs AS job
        WHERE job.status = 'queued'
          AND (hashtext(job.job_name || '/' || coalesce(job.queue, 'default')), coalesce(job.priority, 100))
              > (level.hash, level.priority)
          AND hashtext(job.job_name || '/' || coalesce(job.queue, 'default')) <= level.hash
        ORDER BY hashtext(job.job_name || '/' || coalesce(job.queue, 'default')),
            coalesce(job.priority, 100), coalesce(job.scheduled_at, job.created_at, '-infinity')
        LIMIT 1
    )
    FROM level
    WHERE level.priority IS NOT NULL
)
SELECT
    (
        -- Infinite times can be told apart from now, but not subtracted from it.
        SELECT extract(epoch FROM min(next.due_at))::float8 - extract(epoch FROM now())::float8
        FROM level
        CROSS JOIN LATERAL (
            SELECT coalesce(scheduled_at, created_at, '-infinity') AS due_at
            FROM soniq_jobs
            WHERE status = 'queued'
              AND (hashtext(job_name || '/' || coalesce(queue, 'default')), coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'))
                  > (level.hash, level.priority, now())
              AND (hashtext(job_name || '/' || coalesce(queue, 'default')), coalesce(priority, 100))
                  <= (level.hash, level.priority)
              AND job_name = level.name AND coalesce(queue, 'default') = level.queue
            ORDER BY hashtext(job_name || '/' || coalesce(queue, 'default')),
                coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity')
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
