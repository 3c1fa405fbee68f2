-- The rows that the census counts, of the names in $1, with what a claim reads of them. Without an
-- order, so that nothing is sorted or kept. The time is that of a job: a claim reads it too.
DECLARE soniq_rows NO SCROLL CURSOR FOR
SELECT
    'soniq_jobs' AS source, id, job_name, args, coalesce(created_at, now()) AS created_at
FROM soniq_jobs
WHERE status IN ('queued', 'processing') AND job_name = ANY ($1)
UNION ALL
SELECT 'soniq_dead_letter_jobs', id, job_name, args, now()
FROM soniq_dead_letter_jobs
WHERE job_name = ANY ($1)
UNION ALL
SELECT 'soniq_recurring_jobs', id, job_name, job_kwargs, now()
FROM soniq_recurring_jobs
WHERE job_name = ANY ($1)
UNION ALL
SELECT 'soniq_schedules', id, job_name, job_kwargs, now()
FROM soniq_schedules
WHERE job_name = ANY ($1)
