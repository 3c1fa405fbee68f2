-- When the next job of these queues and names is due that is not due yet, looked up name by name, so
-- that a backlog of other tasks costs nothing. What lies in a paused queue is nobody's until it is
-- resumed, which wakes its workers.
SELECT min(due_at)
FROM (
    SELECT (
        SELECT scheduled_at
        FROM soniq_jobs INDEXED BY idx_soniq_jobs_due
        WHERE status = 'queued'
          AND scheduled_at IS NOT NULL
          AND job_name = task.value
          AND scheduled_at > ?3
          AND queue IN (SELECT value FROM json_each(?1))
          AND queue NOT IN (SELECT queue FROM soniq_paused_queues)
        ORDER BY scheduled_at
        LIMIT 1
    ) AS due_at
    FROM json_each(?2) AS task
)
