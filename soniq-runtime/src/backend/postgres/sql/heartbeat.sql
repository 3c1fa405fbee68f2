-- A beat that cannot have the row in time fails, rather than leave a backend waiting that holds the
-- liveness lock of a session long given up.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '5s', true)
)
UPDATE soniq_workers AS worker
SET last_heartbeat = now(),
    metadata = CASE
        WHEN $2 THEN coalesce(worker.metadata, '{}') || '{"draining": true}'
        ELSE worker.metadata
    END
FROM patience
WHERE worker.id = $1
RETURNING ARRAY(
    SELECT job.id
    FROM soniq_jobs AS job
    WHERE job.worker_id = worker.id AND job.status = 'processing' AND job.meta ? 'called_off'
    ORDER BY job.id
) AS called_off,
pg_backend_pid() AS backend
