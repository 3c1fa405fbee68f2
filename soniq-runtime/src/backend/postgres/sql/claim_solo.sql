-- One job on its last try after its worker died; it runs with nothing beside it. As claim.sql.
WITH due AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND meta ? 'solo'
      AND coalesce(queue, 'default') = ANY (ARRAY(
          SELECT own.queue FROM unnest($2) AS own (queue)
          WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
      ))
      AND job_name = ANY ($3)
      AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ORDER BY coalesce(priority, 100), id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
),
worker AS MATERIALIZED (
    SELECT id FROM soniq_workers WHERE id = $1 FOR KEY SHARE
)
UPDATE soniq_jobs AS job
SET status = 'processing',
    attempts = least(coalesce(job.attempts, 0), 2147483646) + 1,
    worker_id = worker.id,
    claim_id = nextval('soniq_claim_ids'),
    updated_at = now()
FROM due, worker
WHERE job.id = due.id
RETURNING
    job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts,
    coalesce(job.queue, 'default') AS queue, coalesce(job.created_at, now()) AS created_at
