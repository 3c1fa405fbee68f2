-- Many jobs that differ by their arguments only, and have no keys: there is no twin to look for and no
-- order to keep. Who sleeps is looked up when all are written.
WITH inserted AS (
    INSERT INTO soniq_jobs (
        id, job_name, args, queue, priority, max_attempts, scheduled_at, producer_id, meta
    )
    SELECT id, $3, args, $4, $5, $6, coalesce($7, now() + $8 * interval '1 second'), $9, $10
    FROM unnest($1::uuid[], $2::jsonb[]) AS job (id, args)
    RETURNING 1
),
written AS MATERIALIZED (
    SELECT count(*) FROM inserted
)
SELECT ($1::uuid[])[1] AS id, soniq_wake($4) FROM written
