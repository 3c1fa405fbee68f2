-- Nothing is written when another worker holds this hostname and pid.
INSERT INTO soniq_workers (
    id, hostname, pid, queues, concurrency, status, version, metadata, last_heartbeat, started_at
)
VALUES (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?7, ?8, ?8)
ON CONFLICT DO NOTHING
