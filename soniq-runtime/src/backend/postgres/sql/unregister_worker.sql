WITH worker AS (
    DELETE FROM soniq_workers WHERE id = $1 RETURNING id
)
DELETE FROM soniq_task_registry USING worker WHERE worker_id = worker.id::text
