UPDATE soniq_dead_letter_jobs
SET resurrection_count = resurrection_count + 1, last_resurrection_at = ?2
WHERE id = ?1
RETURNING queue
