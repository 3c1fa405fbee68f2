-- The job of one firing.
INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts, producer_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id, pg_notify('soniq_new_job', queue)
