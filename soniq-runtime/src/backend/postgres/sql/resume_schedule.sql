WITH recurring AS (
    UPDATE soniq_recurring_jobs SET status = 'active', next_run = coalesce($2, next_run), updated_at = now()
    WHERE id = $1 AND status = 'paused'
    RETURNING id
),
schedule AS (
    UPDATE soniq_schedules SET status = 'active', next_run = coalesce($2, next_run), updated_at = now()
    WHERE id = $1 AND status = 'paused'
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM recurring UNION ALL SELECT 1 FROM schedule)
