UPDATE soniq_schedules
SET status = 'active', next_run = coalesce(?2, next_run), updated_at = ?3
WHERE id = ?1
