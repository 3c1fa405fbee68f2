-- Up to $4 due jobs of these queues and names. Locking in a materialized CTE keeps the limit exact:
-- a plan that re-evaluates a subquery may lock and take more rows than it says.
WITH due AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND queue = ANY ($2)
      AND job_name = ANY ($3)
      AND (scheduled_at IS NULL OR scheduled_at <= now())
      AND (meta IS NULL OR NOT meta ? 'solo')
    ORDER BY priority, coalesce(scheduled_at, created_at), id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
),
claim AS MATERIALIZED (
    SELECT nextval('soniq_claim_ids') AS claim_id
)
UPDATE soniq_jobs AS job
SET status = 'processing',
    attempts = coalesce(job.attempts, 0) + 1,
    worker_id = $1,
    claim_id = claim.claim_id,
    updated_at = now()
FROM due, claim
WHERE job.id = due.id
RETURNING
    job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts, job.queue,
    job.priority, job.created_at, coalesce(job.scheduled_at, job.created_at) AS due_at
