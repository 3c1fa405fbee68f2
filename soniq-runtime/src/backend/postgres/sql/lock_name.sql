-- The lock that Soniq for Python takes to replace a schedule.
SELECT pg_advisory_xact_lock(hashtext($1))
