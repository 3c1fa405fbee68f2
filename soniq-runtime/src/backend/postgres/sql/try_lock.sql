-- For as long as the transaction lives, as do its bounds: a statement that takes too long or waits
-- for somebody's lock fails, and so does a holder that stands still. They are set here rather than in
-- the session, which a pooler gives to somebody else.
SELECT
    set_config('lock_timeout', $2, true),
    set_config('statement_timeout', $3, true),
    set_config('idle_in_transaction_session_timeout', '60s', true),
    pg_try_advisory_xact_lock($1) AS locked
