-- Dead letters older than $3 seconds, oldest first, but for those that could not be deleted before.
SELECT id
FROM soniq_dead_letter_jobs
WHERE moved_to_dead_letter_at < now() - $3 * interval '1 second' AND id <> ALL ($2)
ORDER BY moved_to_dead_letter_at
LIMIT $1
FOR UPDATE SKIP LOCKED
