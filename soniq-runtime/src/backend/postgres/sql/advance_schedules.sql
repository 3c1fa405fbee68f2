UPDATE soniq_schedules
SET next_run = $2,
    last_run = CASE WHEN $3 > 0 THEN now() ELSE last_run END,
    run_count = least(coalesce(run_count, 0)::bigint + $3, 2147483647),
    last_job_id = coalesce($4, last_job_id),
    updated_at = now()
WHERE id = $1
