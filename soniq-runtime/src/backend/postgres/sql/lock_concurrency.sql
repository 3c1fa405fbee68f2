-- Claims of one task with a concurrency limit take turns: who counts what runs must see what the one
-- before has claimed. In the order of the keys, so that two workers do not wait for each other. The claim
-- that follows in this transaction would be compiled for longer than it runs: its parts look dear to a
-- planner that does not know the limits of what they read, and may sort what an index has in order.
WITH patience AS MATERIALIZED (
    SELECT
        set_config('lock_timeout', '2s', true),
        set_config('jit', 'off', true),
        set_config('enable_bitmapscan', 'off', true)
)
SELECT pg_advisory_xact_lock(ordered.key)
FROM (SELECT task.key FROM patience CROSS JOIN unnest($1::bigint[]) AS task (key) ORDER BY task.key) AS ordered
