-- Takes a dead worker's row for rescue, unless it beat again or another worker is at it. What the
-- rescue does after this waits for nobody's lock for long: it runs between two heartbeats.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '1s', true)
)
SELECT worker.id
FROM patience
CROSS JOIN soniq_workers AS worker
WHERE worker.id = $1 AND worker.last_heartbeat < now() - $2 * interval '1 second'
FOR UPDATE OF worker SKIP LOCKED
