INSERT INTO soniq_schedule_owners (schedule_id, owner)
VALUES (?1, ?2)
ON CONFLICT (schedule_id, owner) DO UPDATE SET dropped_at = NULL
