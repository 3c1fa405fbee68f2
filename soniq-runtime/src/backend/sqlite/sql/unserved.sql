-- Queued jobs that no live worker takes: none handles the name and claims from the queue.
-- One that has not beaten since ?1, or drains, takes none.
SELECT job.task, job.queue, job.jobs, job.oldest
FROM (
    SELECT job_name AS task, queue, count(*) AS jobs, min(created_at) AS oldest
    FROM soniq_jobs
    WHERE status = 'queued'
    GROUP BY job_name, queue
) AS job
WHERE NOT EXISTS (
    SELECT 1
    FROM soniq_task_registry AS task
    JOIN soniq_workers AS worker ON worker.id = task.worker_id
    WHERE task.task_name = job.task
      AND worker.status = 'active' AND worker.last_heartbeat >= ?1
      AND coalesce(json_extract(worker.metadata, '$.draining'), 0) = 0
      AND (
          json_array_length(worker.queues) = 0
          OR job.queue IN (SELECT value FROM json_each(worker.queues))
      )
)
ORDER BY job.task, job.queue
