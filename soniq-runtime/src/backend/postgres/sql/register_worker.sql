-- No row comes back when another worker holds this hostname and pid.
INSERT INTO soniq_workers (id, hostname, pid, queues, concurrency, status, version, metadata)
VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)
ON CONFLICT DO NOTHING
RETURNING id
