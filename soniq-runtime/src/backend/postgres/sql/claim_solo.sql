-- One job on its last try after its worker died; it runs with nothing beside it.
WITH due AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND meta ? 'solo'
      AND queue = ANY ($2)
      AND job_name = ANY ($3)
      AND (scheduled_at IS NULL OR scheduled_at <= now())
    ORDER BY priority, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE soniq_jobs AS job
SET status = 'processing',
    attempts = coalesce(job.attempts, 0) + 1,
    worker_id = $1,
    claim_id = nextval('soniq_claim_ids'),
    updated_at = now()
FROM due
WHERE job.id = due.id
RETURNING
    job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts, job.queue,
    job.priority, job.created_at, coalesce(job.scheduled_at, job.created_at) AS due_at
