-- Up to $4 due jobs of these queues and names, in the order in which they should run. Locking in a
-- materialized CTE keeps the limit exact: a plan that re-evaluates a subquery may lock and take
-- more rows than it says. Nullable columns of the shared table have here the meaning of their
-- defaults, and the greatest attempts that the type holds stay what they are: a row that somebody
-- wrote by hand must not make the claims of its neighbours fail. Due is told by the index's own
-- expression, so that the rows of a backlog that is due later are passed over inside the index; a
-- row without a time of its own is due from its created_at, which the database's clock wrote.
WITH due AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND coalesce(queue, 'default') = ANY (ARRAY(
          SELECT own.queue FROM unnest($2) AS own (queue)
          WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
      ))
      AND job_name = ANY ($3)
      AND coalesce(scheduled_at, created_at, '-infinity') <= now()
      AND (meta IS NULL OR NOT meta ? 'solo')
    ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
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
    FROM due, claim, worker
    WHERE job.id = due.id
    RETURNING
        job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts,
        coalesce(job.queue, 'default') AS queue, coalesce(job.priority, 100) AS priority,
        coalesce(job.created_at, now()) AS created_at,
        coalesce(job.scheduled_at, job.created_at, '-infinity') AS due_at
)
SELECT id, claim_id, attempts, job_name, args, max_attempts, queue, created_at
FROM claimed
ORDER BY priority, due_at, id
