-- Moves claims whose fence still holds to the dead-letter table: never in both, never in neither.
-- A row that somebody has locked is left for the next time.
WITH dead AS MATERIALIZED (
    SELECT job.id, claim.max_attempts, claim.reason, claim.error
    FROM unnest(
        $1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::int[], $6::text[], $7::text[]
    ) AS claim (id, worker_id, claim_id, attempts, max_attempts, reason, error)
    JOIN soniq_jobs AS job ON job.id = claim.id
    WHERE job.status = 'processing'
      AND job.worker_id IS NOT DISTINCT FROM claim.worker_id
      AND job.claim_id IS NOT DISTINCT FROM claim.claim_id
      AND job.attempts IS NOT DISTINCT FROM claim.attempts
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
),
gone AS (
    DELETE FROM soniq_jobs AS job
    USING dead
    WHERE job.id = dead.id
    RETURNING
        job.id, job.job_name, job.args, job.queue, job.priority, job.attempts, job.created_at,
        nullif(job.meta - 'called_off', '{}') AS meta, coalesce(job.max_attempts, dead.max_attempts) AS max_attempts, dead.reason,
        coalesce(dead.error, job.last_error) AS error
)
INSERT INTO soniq_dead_letter_jobs (
    id, job_name, args, queue, priority, max_attempts, attempts, last_error,
    dead_letter_reason, original_created_at, moved_to_dead_letter_at, meta
)
SELECT
    id, job_name, args, coalesce(queue, 'default'), coalesce(priority, 100), max_attempts,
    coalesce(attempts, 0), error, reason,
    CASE WHEN isfinite(created_at) THEN created_at ELSE now() END, now(), meta
FROM gone
ON CONFLICT (id) DO UPDATE
SET last_error = excluded.last_error,
    dead_letter_reason = excluded.dead_letter_reason,
    moved_to_dead_letter_at = excluded.moved_to_dead_letter_at
RETURNING id
