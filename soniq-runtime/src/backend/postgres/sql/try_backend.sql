-- Which backend runs this and since when, whether the lock is free in its database, and whether the
-- backend $2, whose last statement began at $3, has run another one since. The server does not say
-- that of other roles' backends, nor where track_activities is off.
SELECT pg_backend_pid() AS backend,
       (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS began,
       pg_try_advisory_xact_lock($1) AS free,
       coalesce((SELECT (extract(epoch FROM query_start) * 1000000)::bigint <> $3 FROM pg_stat_activity WHERE pid = $2), false)
           AS has_run_since
