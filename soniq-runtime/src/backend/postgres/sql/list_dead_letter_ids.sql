-- As list_dead_letters.sql; a null limit is none.
SELECT id
FROM soniq_dead_letter_jobs
WHERE ($1::text IS NULL OR job_name = $1)
  AND ($2::text IS NULL OR queue = $2)
  AND ($3::text IS NULL OR dead_letter_reason = $3)
  AND ($5::float8 IS NULL OR moved_to_dead_letter_at < now() - $5 * interval '1 second')
ORDER BY moved_to_dead_letter_at DESC, id DESC
LIMIT $4
