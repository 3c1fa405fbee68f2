-- Rows that have yet to run, or may run again. A row is as old as its arguments: a dead letter counts
-- from when its job was written.
SELECT
    job_name AS task, 'soniq_jobs' AS source, count(*) AS rows,
    min(created_at) AS oldest, max(created_at) AS newest
FROM soniq_jobs
WHERE status IN ('queued', 'processing')
GROUP BY job_name
UNION ALL
SELECT
    job_name, 'soniq_dead_letter_jobs', count(*),
    min(original_created_at), max(original_created_at)
FROM soniq_dead_letter_jobs
GROUP BY job_name
UNION ALL
SELECT job_name, 'soniq_recurring_jobs', count(*), min(created_at), max(created_at)
FROM soniq_recurring_jobs
GROUP BY job_name
UNION ALL
SELECT job_name, 'soniq_schedules', count(*), min(created_at), max(created_at)
FROM soniq_schedules
GROUP BY job_name
