-- What is said of schedules that are no more.
DELETE FROM soniq_schedule_owners AS own
WHERE NOT EXISTS (SELECT 1 FROM soniq_recurring_jobs AS schedule WHERE schedule.id = own.schedule_id)
  AND NOT EXISTS (SELECT 1 FROM soniq_schedules AS schedule WHERE schedule.id = own.schedule_id)
