-- For as long as the transaction lives.
SELECT pg_try_advisory_xact_lock($1)
