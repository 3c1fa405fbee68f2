-- Null takes it out: others then go by the heartbeat alone. It is a sign of life as well: a worker
-- that comes back may find that a backend which has not noticed yet holds its lock, and loses it.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '5s', true)
)
UPDATE soniq_workers AS worker
SET last_heartbeat = now(),
    metadata = coalesce(metadata, '{}') - 'liveness_lock'
                || jsonb_strip_nulls(jsonb_build_object('liveness_lock', $2::bigint))
FROM patience
WHERE worker.id = $1
