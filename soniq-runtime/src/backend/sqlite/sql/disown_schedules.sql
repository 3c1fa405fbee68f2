DELETE FROM soniq_schedule_owners
WHERE schedule_id NOT IN (SELECT id FROM soniq_recurring_jobs)
  AND schedule_id NOT IN (SELECT id FROM soniq_schedules)
