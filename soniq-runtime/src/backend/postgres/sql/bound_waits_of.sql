-- For this transaction only; and who waits, for those that look who is waited for.
SELECT set_config('lock_timeout', $1, true), pg_backend_pid() AS backend
