INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at, args_model_repr)
SELECT task_name, $1, now(), fingerprint
FROM unnest($2::text[], $3::text[]) AS task (task_name, fingerprint)
ORDER BY task_name
ON CONFLICT (task_name, worker_id) DO UPDATE
SET last_seen_at = excluded.last_seen_at, args_model_repr = excluded.args_model_repr
