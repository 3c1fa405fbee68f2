-- Finished rows past their time, oldest first.
DELETE FROM soniq_jobs
WHERE id IN (
    SELECT id
    FROM soniq_jobs
    WHERE expires_at IS NOT NULL AND expires_at < ?1 AND status IN ('done', 'cancelled')
    ORDER BY expires_at
    LIMIT ?2
)
