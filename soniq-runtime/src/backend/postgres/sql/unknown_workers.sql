-- Workers that the registry knows and that are no more. What workers say they handle ends with
-- them; a worker that registers writes its own row first.
SELECT DISTINCT task.worker_id
FROM soniq_task_registry AS task
WHERE task.last_seen_at < now() - interval '1 hour'
  AND NOT EXISTS (SELECT 1 FROM soniq_workers AS worker WHERE worker.id::text = task.worker_id)
  AND task.worker_id <> ALL ($2)
LIMIT $1
