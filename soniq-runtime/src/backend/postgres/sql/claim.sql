-- Up to $4 due jobs of these queues and names, in the order in which they should run, from among the
-- first $5 due rows of all. What it ends with is take.sql; what is further on is for claim_by_name.sql.
--
-- The claim index is (priority, due time, id), and this walks it in that order: one priority after the
-- other, of each the due rows only, so that rows which are due later cost nothing at any priority. The
-- shape leaves the planner no other way, whatever the statistics say: a LATERAL with a limit is a nested
-- loop and is read no further than the outer limit, and of a limit that it does not know before it
-- runs (the inner one) the planner wants the first rows early, which rules out sorting. A materialized
-- CTE is read no further than its reader asks, so a row behind the last that was taken costs nothing.
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
