-- The first $5 due jobs of each name in each queue, whatever lies before them in the claim's order. Of
-- jobs that are due at the very same time, and of which there are more than $5, those that were written
-- first are the first. It costs a few steps for each name and queue. claim_by_name.sql and
-- claim_limited.sql go on from here.
--
-- The index is (hash of name and queue, priority, due time). Names of the same hash cost a look at
-- their rows; the priorities of both are tried. Ranges of whole keys, ordered by the whole key, are what
-- no other index can give: with an equality the planner may take the claim's, which is in the same
-- order but for the hash.
pair AS MATERIALIZED (
    SELECT DISTINCT
        task.name, own.queue, hashtext(task.name || '/' || own.queue) AS hash
    FROM unnest($3) AS task (name)
    CROSS JOIN unnest($2) AS own (queue)
    WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
),
candidate AS MATERIALIZED (
    SELECT pair.name, pair.queue, job.place, job.priority, job.due_at, job.id
    FROM pair
    CROSS JOIN LATERAL (
        WITH RECURSIVE level (priority) AS (
            (
                SELECT coalesce(priority, 100)
                FROM soniq_jobs
                WHERE status = 'queued'
                  AND hashtext(job_name || '/' || coalesce(queue, 'default')) >= pair.hash
                  AND hashtext(job_name || '/' || coalesce(queue, 'default')) <= pair.hash
                ORDER BY hashtext(job_name || '/' || coalesce(queue, 'default')),
                    coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity')
                LIMIT 1
            )
            UNION ALL
            SELECT (
                SELECT coalesce(job.priority, 100)
                FROM soniq_jobs AS job
                WHERE job.status = 'queued'
                  AND (hashtext(job.job_name || '/' || coalesce(job.queue, 'default')), coalesce(job.priority, 100))
                      > (pair.hash, level.priority)
                  AND hashtext(job.job_name || '/' || coalesce(job.queue, 'default')) <= pair.hash
                ORDER BY hashtext(job.job_name || '/' || coalesce(job.queue, 'default')),
                    coalesce(job.priority, 100), coalesce(job.scheduled_at, job.created_at, '-infinity')
                LIMIT 1
            )
            FROM level
            WHERE level.priority IS NOT NULL
        )
        SELECT found.*
        FROM level
        CROSS JOIN LATERAL (
            SELECT
                ctid AS place, level.priority, coalesce(scheduled_at, created_at, '-infinity') AS due_at, id
            FROM soniq_jobs
            WHERE status = 'queued'
              AND (hashtext(job_name || '/' || coalesce(queue, 'default')), coalesce(priority, 100))
                  >= (pair.hash, level.priority)
              AND (hashtext(job_name || '/' || coalesce(queue, 'default')), coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'))
                  <= (pair.hash, level.priority, now())
              AND job_name = pair.name AND coalesce(queue, 'default') = pair.queue
              AND (meta IS NULL OR NOT meta ? 'solo')
              AND CASE
                  WHEN xmax = 0 THEN true
                  WHEN (SELECT doubt FROM under_way) THEN true
                  ELSE pg_visible_in_snapshot(
                      greatest(0, (SELECT next FROM under_way) + (SELECT age FROM under_way) - age(xmax))::text::xid8,
                      (SELECT snapshot FROM under_way)
                  )
              END
            ORDER BY hashtext(job_name || '/' || coalesce(queue, 'default')),
                coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity')
            LIMIT (SELECT $5)
        ) AS found
        LIMIT $5
    ) AS job
),
