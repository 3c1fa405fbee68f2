SELECT
    queue,
    queue IN (SELECT paused.queue FROM soniq_paused_queues AS paused) AS paused,
    count(*) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at) <= ?1
    ) AS due,
    count(*) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at) > ?1
    ) AS scheduled,
    count(*) FILTER (WHERE status = 'processing') AS processing,
    count(*) FILTER (WHERE status = 'done') AS done,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    min(coalesce(scheduled_at, created_at)) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at) <= ?1
    ) AS oldest_due
FROM soniq_jobs
GROUP BY queue
ORDER BY queue
