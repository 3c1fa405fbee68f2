-- Finishes claims whose fence still holds; rows that are not kept are deleted at once.
-- A row that somebody has locked is left for the next time.
-- Rows are locked in the order of their ids, as every write of many rows is: no deadlocks.
-- Why the fence is compared in this way, complete_now.sql says.
WITH done AS MATERIALIZED (
    SELECT job.id, claim.result, claim.ttl
    FROM unnest(
        (SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::bigint[]), (SELECT $4::int[]),
        (SELECT $5::jsonb[]), (SELECT $6::float8[])
    ) AS claim (id, worker_id, claim_id, attempts, result, ttl)
    JOIN soniq_jobs AS job ON job.id = claim.id
    WHERE CASE
        WHEN job.status = 'processing' AND job.worker_id = claim.worker_id AND job.attempts = claim.attempts
        THEN job.claim_id
    END = claim.claim_id
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
),
deleted AS (
    DELETE FROM soniq_jobs AS job
    USING done
    WHERE job.id = done.id AND done.ttl <= 0
    RETURNING job.id
),
kept AS (
    UPDATE soniq_jobs AS job
    SET status = 'done',
        result = done.result,
        expires_at = now() + done.ttl * interval '1 second',
        worker_id = NULL,
        claim_id = NULL,
        updated_at = now()
    FROM done
    WHERE job.id = done.id AND done.ttl > 0
    RETURNING job.id
)
SELECT id FROM deleted UNION ALL SELECT id FROM kept
