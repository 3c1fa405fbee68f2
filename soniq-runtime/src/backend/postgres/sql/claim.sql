-- Up to $4 due jobs of these queues and names, in the order in which they should run, from among the
-- first $5 due rows of all. What it ends with is take.sql; what is further on is for claim_by_name.sql.
--
-- The claim index is (priority, due time, id), and this walks it in that order: one priority after the
-- other, of each the due rows only, so that rows which are due later cost nothing at any priority. The
-- shape leaves the planner no other way, whatever the statistics say: a LATERAL with a limit is a nested
-- loop and is read no further than the outer limit, and of a limit that it does not know before it
-- runs (the inner one) the planner wants the first rows early, which rules out sorting. A materialized
-- CTE is read no further than its reader asks, so a row behind the last that was taken costs nothing.
WITH RECURSIVE
-- A row that another claim has taken, or is taking, is passed by without being touched. To lock it would
-- not only be in vain: a claim whose snapshot is a little older than the other's commit would follow the
-- row to its newer version, and keep that from its worker, who is about to complete it, until the end of
-- this claim. The number of who wrote or locked a row last (xmax) stays after an end without effect, so
-- what counts is whether that transaction had ended when this statement began. That row is still
-- visible as queued: then it was undone, or only locked it.
-- The number of several lockers at once (a multixact) is of another kind, and may look like one of those
-- under way: so one claim in a hundred tries every row.
under_way AS MATERIALIZED (
    SELECT
        snapshot,
        pg_snapshot_xmax(snapshot)::text::bigint AS next,
        age(pg_snapshot_xmax(snapshot)::xid) AS age,
        random() < 0.01 AS doubt
    FROM (SELECT pg_current_snapshot() AS snapshot) AS taken
),
-- The first queued row of each priority, found by one step of the index each.
level (priority, due_at, id) AS (
    (
        SELECT coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
        FROM soniq_jobs
        WHERE status = 'queued'
        ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
        LIMIT 1
    )
    UNION ALL
    SELECT next.*
    FROM level
    CROSS JOIN LATERAL (
        SELECT
            coalesce(job.priority, 100) AS priority,
            coalesce(job.scheduled_at, job.created_at, '-infinity') AS due_at,
            job.id
        FROM soniq_jobs AS job
        WHERE job.status = 'queued' AND coalesce(job.priority, 100) > level.priority
        ORDER BY coalesce(job.priority, 100), coalesce(job.scheduled_at, job.created_at, '-infinity'), job.id
        LIMIT 1
    ) AS next
),
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
