-- Dead letters past their retention, oldest first.
DELETE FROM soniq_dead_letter_jobs
WHERE id IN (
    SELECT id
    FROM soniq_dead_letter_jobs
    WHERE moved_to_dead_letter_at < ?1
    ORDER BY moved_to_dead_letter_at
    LIMIT ?2
)
