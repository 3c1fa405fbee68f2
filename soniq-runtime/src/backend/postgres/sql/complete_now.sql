-- Finishes claims whose fence still holds, as complete.sql does, where nobody else is at their rows, which
-- is nearly always so: each is locked by the write itself, and not by a write of its own before it. A row
-- that somebody has locked for longer than $7 fails the statement, and complete.sql does the work. The
-- timeout is set in here, for this transaction only, because that takes no round trip and works behind a
-- pooler; the join makes it come before any lock.
--
-- The planner is left one way, a step of the primary key for each claim: it is not told how many there are,
-- nor that only what is being processed is wanted. Of that it may think that there is nothing (a table that
-- was analyzed while idle), and compare each such row with each claim.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', $7, true)
),
claim AS MATERIALIZED (
    SELECT claim.*
    FROM patience
    CROSS JOIN unnest(
        (SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::bigint[]), (SELECT $4::int[]),
        (SELECT $5::jsonb[]), (SELECT $6::float8[])
    ) AS claim (id, worker_id, claim_id, attempts, result, ttl)
    ORDER BY claim.id
),
deleted AS (
    DELETE FROM soniq_jobs AS job
    USING claim
    WHERE claim.ttl <= 0
      AND job.id = claim.id
      AND CASE
          WHEN job.status = 'processing' AND job.worker_id = claim.worker_id AND job.attempts = claim.attempts
          THEN job.claim_id
      END = claim.claim_id
    RETURNING job.id
),
kept AS (
    UPDATE soniq_jobs AS job
    SET status = 'done',
        result = claim.result,
        expires_at = now() + claim.ttl * interval '1 second',
        worker_id = NULL,
        claim_id = NULL,
        updated_at = now()
    FROM claim
    WHERE claim.ttl > 0
      AND job.id = claim.id
      AND CASE
          WHEN job.status = 'processing' AND job.worker_id = claim.worker_id AND job.attempts = claim.attempts
          THEN job.claim_id
      END = claim.claim_id
    RETURNING job.id
)
SELECT id FROM deleted UNION ALL SELECT id FROM kept
