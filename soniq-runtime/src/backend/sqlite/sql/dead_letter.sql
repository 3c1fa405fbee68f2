INSERT INTO soniq_dead_letter_jobs (
    id, job_name, args, queue, priority, max_attempts, attempts, last_error,
    dead_letter_reason, original_created_at, moved_to_dead_letter_at, meta, created_at
)
SELECT
    id, job_name, args, queue, priority, coalesce(max_attempts, ?2), attempts,
    coalesce(?4, last_error), ?3, created_at, ?6, ?5, ?6
FROM soniq_jobs
WHERE id = ?1
ON CONFLICT (id) DO UPDATE
SET last_error = excluded.last_error,
    dead_letter_reason = excluded.dead_letter_reason,
    moved_to_dead_letter_at = excluded.moved_to_dead_letter_at
