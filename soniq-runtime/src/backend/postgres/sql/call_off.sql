-- Marks a running job as called off and tells its worker. How many seconds the row is kept once it has
-- ended is what the mark says. A worker that does not hear of it finds the mark at its next heartbeat.
UPDATE soniq_jobs
SET meta = coalesce(meta, '{}') || jsonb_build_object('called_off', $2::float8),
    updated_at = now()
WHERE id = $1 AND status = 'processing'
RETURNING id, pg_notify('soniq_job_called_off', id::text)
