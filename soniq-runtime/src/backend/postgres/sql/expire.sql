-- Finished rows past their time, oldest first. Locked rows are skipped, so their order matters to
-- nobody else.
WITH expired AS MATERIALIZED (
    SELECT id FROM soniq_jobs
    WHERE expires_at < now() AND status IN ('done', 'cancelled')
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
DELETE FROM soniq_jobs WHERE id = ANY (ARRAY(SELECT id FROM expired))
