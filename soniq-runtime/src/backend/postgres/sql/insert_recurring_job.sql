INSERT INTO soniq_recurring_jobs (
    id, job_name, schedule_type, schedule_value, priority, queue, max_attempts, job_kwargs, next_run,
    status, unique_job
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
