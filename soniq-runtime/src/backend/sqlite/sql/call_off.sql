-- How many seconds the row is kept once it has ended is what the mark says. A worker that does not
-- hear of it finds the mark at its next heartbeat.
UPDATE soniq_jobs
SET meta = json_set(coalesce(meta, '{}'), '$.called_off', ?2), updated_at = ?3
WHERE id = ?1 AND status = 'processing'
