-- What workers said they handle that somebody removed without it.
DELETE FROM soniq_task_registry
WHERE rowid IN (
    SELECT task.rowid
    FROM soniq_task_registry AS task
    WHERE task.last_seen_at < ?1
      AND NOT EXISTS (SELECT 1 FROM soniq_workers AS worker WHERE worker.id = task.worker_id)
    LIMIT ?2
)
