-- The jobs of one schedule's firings. No row comes back for one that meets a queued twin.
INSERT INTO soniq_jobs (
    id, job_name, args, queue, priority, max_attempts, producer_id, unique_job, args_hash
)
SELECT firing.id, $2, $3, $4, $5, $6, $7, $8::text IS NOT NULL, $8
FROM unnest($1::uuid[]) AS firing (id)
ON CONFLICT DO NOTHING
RETURNING id, soniq_wake(queue)
