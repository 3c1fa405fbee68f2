-- As list_jobs.sql; a negative limit is none.
SELECT id
FROM soniq_jobs
WHERE (?1 IS NULL OR job_name = ?1)
  AND (?2 IS NULL OR queue = ?2)
  AND (?3 IS NULL OR status = ?3)
ORDER BY created_at DESC, id DESC
LIMIT ?4
