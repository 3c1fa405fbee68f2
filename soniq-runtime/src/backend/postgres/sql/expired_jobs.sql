-- Finished rows past their time, oldest first, but for those that could not be deleted before.
-- Locked rows are skipped, so their order matters to nobody else.
SELECT id
FROM soniq_jobs
WHERE expires_at < now() AND status IN ('done', 'cancelled') AND id <> ALL ($2)
ORDER BY expires_at
LIMIT $1
FOR UPDATE SKIP LOCKED
