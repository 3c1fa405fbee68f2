INSERT INTO soniq_jobs (
    id, job_name, args, queue, priority, max_attempts, producer_id, meta, created_at, updated_at
)
SELECT
    ?2, job_name, args, queue, priority, max_attempts, ?3,
    json_set(
        json_remove(coalesce(meta, '{}'), '$.solo', '$.gave_up_key'),
        '$.replay_of', id
    ),
    ?4, ?4
FROM soniq_dead_letter_jobs
WHERE id = ?1
