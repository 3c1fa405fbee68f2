-- The rows that the census counts, of the names ?1, with what a claim reads of them.
SELECT 'soniq_jobs' AS source, id, job_name, args
FROM soniq_jobs
WHERE status IN ('queued', 'processing') AND job_name IN (SELECT value FROM json_each(?1))
UNION ALL
SELECT 'soniq_dead_letter_jobs', id, job_name, args
FROM soniq_dead_letter_jobs
WHERE job_name IN (SELECT value FROM json_each(?1))
UNION ALL
SELECT 'soniq_recurring_jobs', id, job_name, job_kwargs
FROM soniq_recurring_jobs
WHERE job_name IN (SELECT value FROM json_each(?1))
UNION ALL
SELECT 'soniq_schedules', id, job_name, job_kwargs
FROM soniq_schedules
WHERE job_name IN (SELECT value FROM json_each(?1))
