-- One job. No row comes back when a queued twin holds its key; see twin.sql.
INSERT INTO soniq_jobs (
    id, job_name, args, args_hash, queue, priority, max_attempts,
    unique_job, dedup_key, scheduled_at, producer_id, meta
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7,
    $8, $9, coalesce($10, now() + $11 * interval '1 second'), $12, $13
)
ON CONFLICT DO NOTHING
RETURNING id, soniq_wake(queue)
