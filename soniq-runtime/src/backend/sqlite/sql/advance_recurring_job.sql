UPDATE soniq_recurring_jobs
SET next_run = ?2,
    last_run = CASE WHEN ?3 > 0 THEN ?5 ELSE last_run END,
    run_count = min(run_count + ?3, 2147483647),
    last_job_id = coalesce(?4, last_job_id),
    updated_at = ?5
WHERE id = ?1
