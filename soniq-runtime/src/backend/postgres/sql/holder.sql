-- Who holds what the backend $1 waits for. Its age and state, not its text, which may hold what is
-- nobody else's business. Those that wait themselves come last: they only stand before us in the
-- queue. Of another role's backend, one without privileges sees the process id alone; a prepared
-- transaction has none.
SELECT
    nullif(blocking.pid, 0) AS pid, activity.usename::text AS role,
    nullif(activity.application_name, '') AS program, activity.state,
    extract(epoch FROM clock_timestamp() - activity.xact_start)::float8 AS transaction_seconds,
    extract(epoch FROM clock_timestamp() - activity.query_start)::float8 AS query_seconds
FROM unnest(pg_blocking_pids($1)) AS blocking (pid)
LEFT JOIN pg_stat_activity AS activity ON activity.pid = blocking.pid
ORDER BY coalesce(activity.wait_event_type = 'Lock', false), activity.xact_start, blocking.pid
LIMIT 1
