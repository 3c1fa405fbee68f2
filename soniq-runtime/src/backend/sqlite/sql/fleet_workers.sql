-- Workers that have beaten since ?1.
SELECT
    id, hostname, pid, queues, version, last_heartbeat,
    coalesce(json_extract(metadata, '$.runtime'), 'other') AS runtime,
    coalesce(json_extract(metadata, '$.draining'), 0) AS draining
FROM soniq_workers
WHERE status = 'active' AND last_heartbeat >= ?1
ORDER BY hostname, pid, id
