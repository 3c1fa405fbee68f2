-- Null takes it out: others then go by the heartbeat alone.
WITH patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '5s', true)
)
UPDATE soniq_workers AS worker
SET metadata = coalesce(metadata, '{}') - 'liveness_lock'
               || jsonb_strip_nulls(jsonb_build_object('liveness_lock', $2::bigint))
FROM patience
WHERE worker.id = $1
