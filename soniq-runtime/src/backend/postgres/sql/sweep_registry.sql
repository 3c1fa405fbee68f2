-- What workers say they handle ends with them; a worker that registers writes its own row first.
DELETE FROM soniq_task_registry AS task
WHERE last_seen_at < now() - interval '1 hour'
  AND NOT EXISTS (SELECT 1 FROM soniq_workers AS worker WHERE worker.id::text = task.worker_id)
