-- The end of claim.sql, claim_by_name.sql and claim_limited.sql, which say what is chosen and in which order.
--
-- Locking in a materialized CTE keeps the limit exact: a plan that re-evaluates a subquery may lock and
-- take more rows than it says. The LATERAL is a nested loop in the order of what is chosen, and locks
-- only what it returns. The rows to change are named by an array because a join could read the whole
-- table, and by their places since they are locked there. Nullable columns of the shared table have here the meaning of their defaults, and the greatest
-- attempts that the type holds stay what they are: a row that somebody wrote by hand must not make the
-- claims of its neighbours fail. A row without a time of its own is due from its created_at, which the
-- database's clock wrote.
due AS MATERIALIZED (
    SELECT job.place
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT ctid AS place
        FROM soniq_jobs
        WHERE ctid = chosen.place AND status = 'queued'
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
    WHERE job.ctid = ANY (ARRAY(SELECT place FROM due))
    RETURNING
        job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts,
        coalesce(job.queue, 'default') AS queue, coalesce(job.priority, 100) AS priority,
        coalesce(job.created_at, now()) AS created_at,
        coalesce(job.scheduled_at, job.created_at, '-infinity') AS due_at
)
-- Whether there may be more than was looked at comes back in any case: in a row of its own when
-- none was claimed. Counting costs nothing: who found too little has read all of its candidates.
SELECT
    CASE WHEN (SELECT count(*) FROM due) < $4 THEN (SELECT count(*) FROM candidate) >= $5 ELSE false END AS more,
    claimed.id, claim_id, attempts, job_name, args, max_attempts, queue, created_at, priority, due_at
FROM (VALUES (1)) AS always (one)
LEFT JOIN claimed ON true
ORDER BY priority, due_at, claimed.id
