-- Every enqueue looks for sleepers, so the look is made cheap. A SET clause of a function costs as much as
-- one of its two lookups: each call resolves the path, and undoes it. In its place everything that the body
-- mentions is written with its schema, operators included, so that no search_path of a caller leads to another
-- table, function or operator. IS DISTINCT FROM cannot be written so: it looks for an operator `=` by its
-- bare name.

-- The condition of soniq_wake, word for word.
DROP INDEX IF EXISTS idx_soniq_workers_foreign;
CREATE INDEX idx_soniq_workers_foreign
    ON soniq_workers (id) WHERE ((metadata ->> 'runtime') = 'soniq-rust') IS NOT TRUE;

-- As it was: to be called by a statement that has written already, since it looks by a snapshot of its own;
-- where snapshots are of the whole transaction it always notifies.
DO $migration$
BEGIN
    EXECUTE format($function$
        CREATE OR REPLACE FUNCTION soniq_wake(queue text) RETURNS void
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $body$
        BEGIN
            IF pg_catalog.current_setting('transaction_isolation')
               OPERATOR(pg_catalog.<>) 'read committed'
               OR EXISTS (
                   SELECT FROM %1$I.soniq_sleepers AS sleeper
                   WHERE sleeper.queue OPERATOR(pg_catalog.=) $1
               )
               OR EXISTS (
                   SELECT FROM %1$I.soniq_workers AS worker
                   WHERE ((worker.metadata OPERATOR(pg_catalog.->>) 'runtime')
                          OPERATOR(pg_catalog.=) 'soniq-rust') IS NOT TRUE
                     AND worker.last_heartbeat OPERATOR(pg_catalog.>)
                         (pg_catalog.now() OPERATOR(pg_catalog.-) '1 hour'::pg_catalog.interval)
               )
            THEN
                PERFORM pg_catalog.pg_notify('soniq_new_job', $1);
            END IF;
        END
        $body$
    $function$, current_schema());
END
$migration$;
