-- For as long as the connection lives.
SELECT pg_try_advisory_lock($1)
