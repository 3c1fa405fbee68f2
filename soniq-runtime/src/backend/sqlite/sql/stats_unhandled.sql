-- Queued names that no registered worker says it handles.
SELECT job.job_name, count(*) AS queued
FROM soniq_jobs AS job
WHERE job.status = 'queued'
  AND NOT EXISTS (
      SELECT 1
      FROM soniq_task_registry AS task
      JOIN soniq_workers AS worker ON worker.id = task.worker_id
      WHERE task.task_name = job.job_name
  )
GROUP BY job.job_name
ORDER BY job.job_name
