-- Takes a dead worker's row for rescue, unless it beat again or another worker is at it.
SELECT id FROM soniq_workers
WHERE id = $1 AND last_heartbeat < now() - $2 * interval '1 second'
FOR UPDATE SKIP LOCKED
