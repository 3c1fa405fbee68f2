-- A new queued job from a dead letter, which stays and counts it.
WITH dead AS (
    UPDATE soniq_dead_letter_jobs
    SET resurrection_count = coalesce(resurrection_count, 0) + 1, last_resurrection_at = now()
    WHERE id = $1
    RETURNING job_name, args, queue, priority, max_attempts, meta, id
)
INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts, producer_id, meta)
SELECT
    $2, job_name, args, queue, priority, max_attempts, $3,
    coalesce(meta, '{}') - 'solo' - 'gave_up_key' || jsonb_build_object('replay_of', id)
FROM dead
RETURNING id, soniq_wake(queue)
