-- Finishes one claim in the caller's transaction, if its fence still holds. Unlike the worker's own
-- writes it waits for a row that somebody has locked: the caller's transaction is waiting with it.
WITH done AS MATERIALIZED (
    SELECT id
    FROM soniq_jobs
    WHERE id = $1
      AND status = 'processing'
      AND worker_id = $2
      AND claim_id = $3
      AND attempts = $4
    FOR UPDATE
),
deleted AS (
    DELETE FROM soniq_jobs AS job
    USING done
    WHERE job.id = done.id AND $6 <= 0
    RETURNING job.id
),
kept AS (
    UPDATE soniq_jobs AS job
    SET status = 'done',
        result = $5,
        expires_at = now() + $6 * interval '1 second',
        worker_id = NULL,
        claim_id = NULL,
        updated_at = now()
    FROM done
    WHERE job.id = done.id AND $6 > 0
    RETURNING job.id
)
SELECT id FROM deleted UNION ALL SELECT id FROM kept
