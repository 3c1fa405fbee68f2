-- Retry, snooze, release and rescue: claims whose fence still holds go back to the queue, or end as
-- cancelled where the job was called off while it ran. A row
-- whose key a queued twin holds by now keeps its place and gives up its key; with $11 every row does.
-- A row that somebody has locked is left for the next time. The lock timeout bounds the wait for a
-- key that an open transaction holds; it is set in here, for this transaction only, because that
-- takes no round trip and works behind a pooler. The join makes it come before any lock.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', $10, true)
),
back AS MATERIALIZED (
    SELECT
        job.id, job.job_name, job.args_hash, job.unique_job, job.dedup_key,
        (job.meta ->> 'called_off')::float8 AS called_off, claim.refund, claim.delay, claim.error, claim.keeps_due, claim.solo
    FROM patience
    CROSS JOIN unnest(
        $1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::int[], $6::float8[], $7::text[],
        $8::boolean[], $9::boolean[]
    ) AS claim (id, worker_id, claim_id, attempts, refund, delay, error, keeps_due, solo)
    JOIN soniq_jobs AS job ON job.id = claim.id
    WHERE job.status = 'processing'
      AND job.worker_id IS NOT DISTINCT FROM claim.worker_id
      AND job.claim_id IS NOT DISTINCT FROM claim.claim_id
      AND job.attempts IS NOT DISTINCT FROM claim.attempts
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
),
placed AS (
    SELECT
        back.*,
        (
            back.dedup_key IS NOT NULL
            AND (
                $11
                OR row_number() OVER (PARTITION BY back.dedup_key ORDER BY back.id) > 1
                OR EXISTS (
                    SELECT 1 FROM soniq_jobs AS twin
                    WHERE twin.status = 'queued' AND twin.dedup_key = back.dedup_key
                )
            )
        )
        OR (
            back.unique_job
            AND (
                $11
                OR row_number() OVER (
                    PARTITION BY back.unique_job, back.job_name, back.args_hash ORDER BY back.id
                ) > 1
                OR EXISTS (
                    SELECT 1 FROM soniq_jobs AS twin
                    WHERE twin.status = 'queued' AND twin.unique_job
                      AND twin.job_name = back.job_name AND twin.args_hash = back.args_hash
                )
            )
        ) AS gives_up_key
    FROM back
)
UPDATE soniq_jobs AS job
SET status = CASE WHEN placed.called_off IS NULL THEN 'queued' ELSE 'cancelled' END,
    expires_at = CASE
        WHEN placed.called_off IS NULL THEN job.expires_at
        ELSE now() + placed.called_off * interval '1 second'
    END,
    attempts = job.attempts - placed.refund,
    scheduled_at = CASE
        WHEN placed.keeps_due THEN job.scheduled_at
        ELSE now() + placed.delay * interval '1 second'
    END,
    last_error = coalesce(placed.error, job.last_error),
    worker_id = NULL,
    claim_id = NULL,
    updated_at = now(),
    dedup_key = CASE WHEN placed.gives_up_key THEN NULL ELSE job.dedup_key END,
    unique_job = job.unique_job AND placed.gives_up_key IS NOT TRUE,
    meta = nullif(
        coalesce(job.meta, '{}') - 'solo' - 'called_off'
        || CASE WHEN placed.solo THEN '{"solo": true}'::jsonb ELSE '{}' END
        || CASE WHEN placed.gives_up_key THEN jsonb_build_object(
               'gave_up_key', jsonb_build_object(
                   'dedup_key', job.dedup_key, 'unique_job', job.unique_job)
           ) ELSE '{}' END,
        '{}'
    )
FROM placed
WHERE job.id = placed.id
RETURNING job.id, soniq_wake(coalesce(job.queue, 'default'))
