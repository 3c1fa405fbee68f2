SELECT
    id, job_name, args, queue, priority, attempts, max_attempts, last_error, dead_letter_reason,
    original_created_at, moved_to_dead_letter_at, resurrection_count, last_resurrection_at
FROM soniq_dead_letter_jobs
WHERE (?1 IS NULL OR job_name = ?1)
  AND (?2 IS NULL OR queue = ?2)
  AND (?3 IS NULL OR dead_letter_reason = ?3)
  AND (?5 IS NULL OR moved_to_dead_letter_at < ?5)
ORDER BY moved_to_dead_letter_at DESC, id DESC
LIMIT ?4
