-- As list_jobs.sql; a null limit is none.
SELECT id
FROM soniq_jobs
WHERE ($1::text IS NULL OR job_name = $1)
  AND ($2::text IS NULL OR coalesce(queue, 'default') = $2)
  AND ($3::text IS NULL OR status = $3)
ORDER BY created_at DESC, id DESC
LIMIT $4
