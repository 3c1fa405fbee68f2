WITH expired AS MATERIALIZED (
    SELECT id FROM soniq_jobs
    WHERE expires_at < now() AND status IN ('done', 'cancelled')
    ORDER BY id
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
DELETE FROM soniq_jobs AS job USING expired WHERE job.id = expired.id
