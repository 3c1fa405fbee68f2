-- Workers that have not beaten since ?2, and how far apart the beats of those are that keep a
-- liveness file.
SELECT
    id, last_heartbeat,
    CASE WHEN json_extract(metadata, '$.liveness_file')
        THEN CAST(json_extract(metadata, '$.heartbeat_interval') AS REAL)
    END AS interval
FROM soniq_workers
WHERE id <> ?1 AND last_heartbeat < ?2
