-- Workers that no longer beat. `overdue` is past the timeout. `lock_gone` is the early sign: the
-- worker advertises a session lock, nobody holds it, and it has missed three of its own
-- heartbeats on a server that has itself been up for longer than that (after a restart every
-- lock is gone and nobody is dead).
SELECT
    worker.id,
    worker.last_heartbeat < now() - $2 * interval '1 second' AS overdue,
    coalesce(
        worker.last_heartbeat < now() - 3 * beat.every
        AND pg_postmaster_start_time() < now() - 3 * beat.every
        AND NOT EXISTS (
            SELECT 1
            FROM pg_locks AS lock
            WHERE lock.locktype = 'advisory'
              AND lock.granted
              AND lock.objsubid = 1
              AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND lock.classid::bigint = (beat.lock_key >> 32) & 4294967295
              AND lock.objid::bigint = beat.lock_key & 4294967295
        ),
        false
    ) AS lock_gone
FROM soniq_workers AS worker
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN jsonb_typeof(worker.metadata -> 'liveness_lock') = 'number'
             THEN (worker.metadata ->> 'liveness_lock')::bigint END AS lock_key,
        CASE WHEN jsonb_typeof(worker.metadata -> 'heartbeat_interval') = 'number'
             THEN (worker.metadata ->> 'heartbeat_interval')::float8 * interval '1 second' END AS every
) AS beat
WHERE worker.id <> $1
  AND worker.last_heartbeat < now() - least($2, 1) * interval '1 second'
