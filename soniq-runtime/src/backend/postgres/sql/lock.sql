-- Waits: for as long as the transaction lives.
SELECT pg_advisory_xact_lock($1)
