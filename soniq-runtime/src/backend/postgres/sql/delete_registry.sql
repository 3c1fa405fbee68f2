DELETE FROM soniq_task_registry
WHERE worker_id = ANY ($1) AND last_seen_at < now() - interval '1 hour'
