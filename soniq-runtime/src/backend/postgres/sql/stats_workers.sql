SELECT
    worker.id, worker.hostname, worker.pid, array_remove(coalesce(worker.queues, '{}'), NULL) AS queues,
    worker.concurrency, worker.status, worker.started_at,
    coalesce(worker.metadata ->> 'draining' = 'true', false) AS draining,
    extract(epoch FROM now())::float8 - extract(epoch FROM worker.last_heartbeat)::float8
        AS heartbeat_age_seconds,
    (
        SELECT count(*) FROM soniq_jobs AS job
        WHERE job.worker_id = worker.id AND job.status = 'processing'
    ) AS processing
FROM soniq_workers AS worker
ORDER BY worker.started_at, worker.id
