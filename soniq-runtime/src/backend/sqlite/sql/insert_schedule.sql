INSERT INTO soniq_schedules (
    id, job_name, schedule_type, schedule_value, priority, queue, max_attempts, job_kwargs, unique_job,
    next_run, status, created_at, last_run, run_count, last_job_id, updated_at, timezone, catch_up
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(?12, ?16), ?13, ?14, ?15, ?16, ?17, ?18)
