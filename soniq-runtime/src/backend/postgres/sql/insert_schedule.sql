INSERT INTO soniq_schedules (
    id, job_name, schedule_type, schedule_value, priority, queue, max_attempts, job_kwargs, next_run,
    status, unique_job, timezone, catch_up
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
