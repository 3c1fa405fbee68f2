-- Up to $3 due jobs of these queues with other names than these, for a worker that wants them gone.
-- Found in the order in which a claim walks, so that it costs what the claim before it did; locked in
-- the order of the ids. A paused queue is nobody's to clear.
WITH found AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND coalesce(queue, 'default') = ANY (ARRAY(
          SELECT own.queue FROM unnest($1) AS own (queue)
          WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
      ))
      AND job_name <> ALL ($2)
      AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
    LIMIT $3
),
unknown AS MATERIALIZED (
    SELECT job.id
    FROM found
    JOIN soniq_jobs AS job ON job.id = found.id
    WHERE job.status = 'queued'
      AND coalesce(job.scheduled_at, job.created_at, '-infinity') <= now()
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
),
gone AS (
    DELETE FROM soniq_jobs AS job
    USING unknown
    WHERE job.id = unknown.id
    RETURNING
        job.id, job.job_name, job.args, job.queue, job.priority, job.attempts, job.max_attempts,
        job.created_at, job.meta
)
INSERT INTO soniq_dead_letter_jobs (
    id, job_name, args, queue, priority, max_attempts, attempts, last_error,
    dead_letter_reason, original_created_at, moved_to_dead_letter_at, meta
)
SELECT
    id, job_name, args, coalesce(queue, 'default'), coalesce(priority, 100),
    coalesce(max_attempts, $4), coalesce(attempts, 0),
    'the worker of its queue has no handler for ' || job_name,
    $5, CASE WHEN isfinite(created_at) THEN created_at ELSE now() END, now(), meta
FROM gone
ON CONFLICT (id) DO UPDATE
SET last_error = excluded.last_error,
    dead_letter_reason = excluded.dead_letter_reason,
    moved_to_dead_letter_at = excluded.moved_to_dead_letter_at
RETURNING job_name
