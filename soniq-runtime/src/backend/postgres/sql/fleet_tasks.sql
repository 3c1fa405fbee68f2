-- What live workers say they handle. Soniq for Python writes something else than a fingerprint.
SELECT
    task.task_name AS task, worker.id AS worker,
    CASE WHEN worker.metadata ->> 'runtime' = 'soniq-rust' THEN task.args_model_repr END AS fingerprint
FROM soniq_task_registry AS task
JOIN soniq_workers AS worker ON worker.id::text = task.worker_id
WHERE worker.status = 'active' AND worker.last_heartbeat >= now() - $1 * interval '1 second'
