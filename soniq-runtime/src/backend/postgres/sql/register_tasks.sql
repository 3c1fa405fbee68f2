-- What a worker handles; written again now and then, since others may sweep rows that look old. It
-- runs between two beats, so it waits for nobody for long.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '1s', true)
)
INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at, args_model_repr)
SELECT task_name, $1, now(), fingerprint
FROM patience
CROSS JOIN unnest($2::text[], $3::text[]) AS task (task_name, fingerprint)
ORDER BY task_name
ON CONFLICT (task_name, worker_id) DO UPDATE
SET last_seen_at = excluded.last_seen_at, args_model_repr = excluded.args_model_repr
