SELECT
    coalesce(queue, 'default') AS queue,
    coalesce(queue, 'default') IN (SELECT paused.queue FROM soniq_paused_queues AS paused) AS paused,
    count(*) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ) AS due,
    count(*) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at, '-infinity') > now()
    ) AS scheduled,
    count(*) FILTER (WHERE status = 'processing') AS processing,
    count(*) FILTER (WHERE status = 'done') AS done,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    extract(epoch FROM now())::float8
    - extract(epoch FROM min(coalesce(scheduled_at, created_at)) FILTER (
        WHERE status = 'queued' AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ))::float8 AS oldest_due_seconds
FROM soniq_jobs
GROUP BY 1
ORDER BY 1
