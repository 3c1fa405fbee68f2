-- Queued jobs that no live worker takes: none handles the name and claims from the queue. A worker
-- without queues claims from all; one that was silent for $1 seconds, or drains, from none.
SELECT job.task, job.queue, job.jobs, job.oldest
FROM (
    SELECT
        job_name AS task, coalesce(queue, 'default') AS queue, count(*) AS jobs,
        min(created_at) FILTER (WHERE isfinite(created_at)) AS oldest
    FROM soniq_jobs
    WHERE status = 'queued'
    GROUP BY 1, 2
) AS job
WHERE NOT EXISTS (
    SELECT 1
    FROM soniq_task_registry AS task
    JOIN soniq_workers AS worker ON worker.id::text = task.worker_id
    WHERE task.task_name = job.task
      AND worker.status = 'active' AND worker.last_heartbeat >= now() - $1 * interval '1 second'
      AND coalesce(worker.metadata ->> 'draining' <> 'true', true)
      AND (cardinality(coalesce(worker.queues, '{}')) = 0 OR job.queue = ANY (worker.queues))
)
ORDER BY job.task, job.queue
