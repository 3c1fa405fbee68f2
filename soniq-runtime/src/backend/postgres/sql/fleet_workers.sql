-- Workers that beat within the last $1 seconds.
SELECT
    id, hostname, pid, array_remove(coalesce(queues, '{}'), NULL) AS queues, version,
    coalesce(metadata ->> 'runtime', 'other') AS runtime, last_heartbeat,
    coalesce(metadata ->> 'draining' = 'true', false) AS draining
FROM soniq_workers
WHERE status = 'active' AND last_heartbeat >= now() - $1 * interval '1 second'
ORDER BY hostname, pid, id
