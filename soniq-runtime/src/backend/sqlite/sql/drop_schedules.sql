-- What owner ?1 has that is not among the tasks ?2.
UPDATE soniq_schedule_owners
SET dropped_at = ?3
WHERE owner = ?1
  AND dropped_at IS NULL
  AND schedule_id IN (
      SELECT id FROM soniq_recurring_jobs
      WHERE job_name NOT IN (SELECT value FROM json_each(?2))
      UNION ALL
      SELECT id FROM soniq_schedules
      WHERE job_name NOT IN (SELECT value FROM json_each(?2))
  )
RETURNING schedule_id
