-- The first $5 due jobs on their last try after a crash, as by_name.sql has those of the other kind.
WITH candidate AS MATERIALIZED (
    SELECT
        job_name AS name, ctid AS place, coalesce(priority, 100) AS priority,
        coalesce(scheduled_at, created_at, '-infinity') AS due_at, id
    FROM soniq_jobs
    WHERE status = 'queued'
      AND meta ? 'solo'
      AND coalesce(queue, 'default') = ANY (ARRAY(
          SELECT own.queue FROM unnest($2) AS own (queue)
          WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
      ))
      AND job_name = ANY ($3)
      AND coalesce(scheduled_at, created_at, '-infinity') <= now()
    ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
    LIMIT $5
),
