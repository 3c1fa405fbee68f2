-- Which backend runs this, and whether the lock is free in its database.
SELECT pg_backend_pid() AS backend, pg_try_advisory_xact_lock($1) AS free
