-- Up to $4 due jobs of these queues and names, in the order in which they should run.
--
-- The claim index is (priority, due time, id), and this walks it in that order: one priority after the
-- other, of each the due rows only, so that rows which are due later cost nothing at any priority. The
-- shape leaves the planner no other way, whatever the statistics say: a LATERAL with a limit is a nested
-- loop and is read no further than the outer limit, and of a limit that it does not know before it
-- runs (the inner one) the planner wants the first rows early, which rules out sorting. The rows to
-- change are named by an array for the same reason: a join could read the whole table.
--
-- Locking in a materialized CTE keeps the limit exact: a plan that re-evaluates a subquery may lock and
-- take more rows than it says. Nullable columns of the shared table have here the meaning of their
-- defaults, and the greatest attempts that the type holds stay what they are: a row that somebody
-- wrote by hand must not make the claims of its neighbours fail. A row without a time of its own is
-- due from its created_at, which the database's clock wrote.
WITH RECURSIVE
-- The priorities of queued rows, found by one step of the index each.
level (priority) AS (
    (
        SELECT coalesce(priority, 100)
        FROM soniq_jobs
        WHERE status = 'queued'
        ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT coalesce(job.priority, 100)
        FROM soniq_jobs AS job
        WHERE job.status = 'queued' AND coalesce(job.priority, 100) > level.priority
        ORDER BY coalesce(job.priority, 100), coalesce(job.scheduled_at, job.created_at, '-infinity'), job.id
        LIMIT 1
    )
    FROM level
    WHERE level.priority IS NOT NULL
),
due AS MATERIALIZED (
    SELECT job.id
    FROM level
    CROSS JOIN LATERAL (
        SELECT id
        FROM soniq_jobs
        WHERE status = 'queued'
          AND coalesce(priority, 100) = level.priority
          AND coalesce(scheduled_at, created_at, '-infinity') <= now()
          AND coalesce(queue, 'default') = ANY (ARRAY(
              SELECT own.queue FROM unnest($2) AS own (queue)
              WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
          ))
          AND job_name = ANY ($3)
          AND (meta IS NULL OR NOT meta ? 'solo')
        ORDER BY coalesce(scheduled_at, created_at, '-infinity'), id
        LIMIT (SELECT $4)
        FOR UPDATE SKIP LOCKED
    ) AS job
    LIMIT $4
),
claim AS MATERIALIZED (
    SELECT nextval('soniq_claim_ids') AS claim_id
),
-- A worker whose row is gone was taken for dead and takes nothing. The lock keeps the row until
-- this claim is committed, so that a rescue finds all that there is to rescue.
worker AS MATERIALIZED (
    SELECT id FROM soniq_workers WHERE id = $1 FOR KEY SHARE
),
claimed AS (
    UPDATE soniq_jobs AS job
    SET status = 'processing',
        attempts = least(coalesce(job.attempts, 0), 2147483646) + 1,
        worker_id = worker.id,
        claim_id = claim.claim_id,
        updated_at = now()
    FROM claim, worker
    WHERE job.id = ANY (ARRAY(SELECT id FROM due))
    RETURNING
        job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts,
        coalesce(job.queue, 'default') AS queue, coalesce(job.priority, 100) AS priority,
        coalesce(job.created_at, now()) AS created_at,
        coalesce(job.scheduled_at, job.created_at, '-infinity') AS due_at
)
SELECT id, claim_id, attempts, job_name, args, max_attempts, queue, created_at
FROM claimed
ORDER BY priority, due_at, id
