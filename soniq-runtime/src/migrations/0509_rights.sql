-- Functions are open to everybody unless that is taken away: who may enqueue through soniq_enqueue only
-- should not be able to wake the workers of any queue as well. The grants of the documented roles stay.
REVOKE ALL ON FUNCTION
    soniq_wake(text),
    soniq_insert(
        uuid, text, jsonb, text, text, integer, integer, boolean, text, timestamptz, double precision,
        text, jsonb, boolean
    )
FROM PUBLIC;
