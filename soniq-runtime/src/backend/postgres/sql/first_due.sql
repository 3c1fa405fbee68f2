-- The first $5 due jobs of each of these priorities, from there on; they are what claim.sql and
-- claim_onward.sql choose from.
candidate AS MATERIALIZED (
    SELECT job.place, job.wanted
    FROM level
    CROSS JOIN LATERAL (
        SELECT
            ctid AS place,
            coalesce(queue, 'default') = ANY (ARRAY(
                SELECT own.queue FROM unnest($2) AS own (queue)
                WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
            ))
            AND job_name = ANY ($3)
            AND (meta IS NULL OR NOT meta ? 'solo') AS wanted
        FROM soniq_jobs
        WHERE status = 'queued'
          AND coalesce(priority, 100) = level.priority
          -- From there on: entries of what is claimed already are walked over once, and not twice.
          AND (coalesce(scheduled_at, created_at, '-infinity'), id) >= (level.due_at, level.id)
          AND coalesce(scheduled_at, created_at, '-infinity') <= now()
          AND CASE
              WHEN xmax = 0 THEN true
              WHEN (SELECT doubt FROM under_way) THEN true
              ELSE pg_visible_in_snapshot(
                  greatest(0, (SELECT next FROM under_way) + (SELECT age FROM under_way) - age(xmax))::text::xid8,
                  (SELECT snapshot FROM under_way)
              )
          END
        ORDER BY coalesce(scheduled_at, created_at, '-infinity'), id
        LIMIT (SELECT $5)
    ) AS job
    LIMIT $5
),
chosen AS (
    SELECT place FROM candidate WHERE wanted
),
