-- Workers that have not beaten just now. `overdue` is past the timeout. `lock_gone` is the early sign:
-- the worker advertises a session lock and nobody holds it. It counts once the worker is `silent`: it
-- has missed three of its own heartbeats on a server that has itself been up for longer than that
-- (after a restart every lock is gone and nobody is dead).
SELECT
    worker.id,
    worker.last_heartbeat < now() - $2 * interval '1 second' AS overdue,
    coalesce(
        greatest(worker.last_heartbeat, pg_postmaster_start_time()) < now() - 3 * beat.every,
        false
    ) AS silent,
    -- Asked only for a worker whose beat is late: the view holds up every lock of the server.
    CASE
        WHEN beat.lock_key IS NULL THEN false
        WHEN worker.last_heartbeat < now() - 1.2 * beat.every THEN NOT EXISTS (
            SELECT 1
            FROM pg_locks AS lock
            WHERE lock.locktype = 'advisory'
              AND lock.granted
              AND lock.objsubid = 1
              AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND lock.classid::bigint = (beat.lock_key >> 32) & 4294967295
              AND lock.objid::bigint = beat.lock_key & 4294967295
        )
        ELSE false
    END AS lock_gone
FROM soniq_workers AS worker
CROSS JOIN LATERAL (
    -- Anybody may have written the metadata: a value out of its range counts as none.
    SELECT
        CASE WHEN jsonb_typeof(worker.metadata -> 'liveness_lock') = 'number' THEN
            CASE WHEN (worker.metadata ->> 'liveness_lock')::numeric
                      BETWEEN -9223372036854775808 AND 9223372036854775807
                 THEN (worker.metadata ->> 'liveness_lock')::numeric::bigint END
        END AS lock_key,
        CASE WHEN jsonb_typeof(worker.metadata -> 'heartbeat_interval') = 'number' THEN
            CASE WHEN (worker.metadata ->> 'heartbeat_interval')::numeric BETWEEN 0.001 AND 1000000
                 THEN (worker.metadata ->> 'heartbeat_interval')::float8 * interval '1 second' END
        END AS every
) AS beat
WHERE worker.id <> $1
  AND worker.last_heartbeat < now() - least($2, 1) * interval '1 second'
