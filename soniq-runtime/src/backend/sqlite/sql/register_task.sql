INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at, args_model_repr)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (task_name, worker_id) DO UPDATE
SET last_seen_at = excluded.last_seen_at, args_model_repr = excluded.args_model_repr
