SELECT
    id, job_name, args, queue, priority, attempts, max_attempts, last_error, dead_letter_reason,
    original_created_at, moved_to_dead_letter_at, resurrection_count, last_resurrection_at
FROM soniq_dead_letter_jobs
WHERE id = ?1
