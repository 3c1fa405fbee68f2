-- What live workers say they handle.
SELECT task.task_name AS task, worker.id AS worker, task.args_model_repr AS fingerprint
FROM soniq_task_registry AS task
JOIN soniq_workers AS worker ON worker.id = task.worker_id
WHERE worker.status = 'active' AND worker.last_heartbeat >= ?1
