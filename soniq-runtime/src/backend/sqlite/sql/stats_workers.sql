SELECT
    worker.id, worker.hostname, worker.pid, worker.queues, worker.concurrency, worker.status,
    worker.started_at, worker.last_heartbeat,
    coalesce(json_extract(worker.metadata, '$.draining'), 0) AS draining,
    (
        SELECT count(*) FROM soniq_jobs AS job
        WHERE job.worker_id = worker.id AND job.status = 'processing'
    ) AS processing
FROM soniq_workers AS worker
ORDER BY worker.started_at, worker.id
