-- Has enqueues wake a worker that hears them; no row comes back for one that does not.
WITH worker AS (
    SELECT id FROM soniq_workers WHERE id = $1 AND metadata ? 'liveness_lock'
),
announced AS (
    INSERT INTO soniq_sleepers (queue, worker_id)
    SELECT own.queue, worker.id FROM worker CROSS JOIN unnest($2::text[]) AS own (queue)
    ORDER BY own.queue
    ON CONFLICT DO NOTHING
)
SELECT id FROM worker
