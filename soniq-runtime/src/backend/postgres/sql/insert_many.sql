-- Many jobs, in the order of their keys so that two producers cannot deadlock.
WITH inserted AS (
    INSERT INTO soniq_jobs (
        id, job_name, args, args_hash, queue, priority, max_attempts,
        unique_job, dedup_key, scheduled_at, producer_id, meta
    )
    SELECT
        id, job_name, args, args_hash, queue, priority, max_attempts,
        unique_job, dedup_key, coalesce(due_at, now() + delay * interval '1 second'), $12, meta
    FROM unnest(
        $1::uuid[], $2::text[], $3::jsonb[], $4::text[], $5::text[], $6::int[], $7::int[],
        $8::boolean[], $9::text[], $10::timestamptz[], $11::float8[], $13::jsonb[]
    ) AS job (
        id, job_name, args, args_hash, queue, priority, max_attempts,
        unique_job, dedup_key, due_at, delay, meta
    )
    ORDER BY dedup_key, job_name, args_hash, id
    ON CONFLICT DO NOTHING
    RETURNING id, queue
),
woken AS MATERIALIZED (
    SELECT soniq_wake(queue)
    FROM (SELECT DISTINCT queue FROM inserted) AS queues
)
SELECT id FROM inserted WHERE (SELECT count(*) FROM woken) >= 0
