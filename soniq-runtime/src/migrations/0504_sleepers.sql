-- Enqueueing notifies only where a worker sleeps. A commit with a notification takes a lock of the
-- whole server, and lets no two such commits write at a time.

-- Workers that count on being woken. Unlogged: after a crash of the server none is left, and
-- workers, whose connections are lost with it, announce themselves again.
CREATE UNLOGGED TABLE IF NOT EXISTS soniq_sleepers (
    queue     text NOT NULL,
    worker_id uuid NOT NULL REFERENCES soniq_workers (id) ON DELETE CASCADE,
    PRIMARY KEY (queue, worker_id)
);
-- For the removal of a worker.
CREATE INDEX IF NOT EXISTS idx_soniq_sleepers_worker ON soniq_sleepers (worker_id);

-- Workers of Soniq for Python never announce themselves. Nearly always empty.
CREATE INDEX IF NOT EXISTS idx_soniq_workers_foreign
    ON soniq_workers (id) WHERE (metadata ->> 'runtime') IS DISTINCT FROM 'soniq-rust';

-- Wakes the workers of a queue that sleep, when the calling transaction commits.
--
-- To be called by a statement that has written already. It is volatile, so that it looks by a
-- snapshot of its own: whoever announces itself after that look waits for the transactions that
-- were under way, and this one has a number by then. Where snapshots are of the whole transaction
-- it could not see who went to sleep since, and always notifies.
CREATE OR REPLACE FUNCTION soniq_wake(queue text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $body$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
       OR EXISTS (SELECT FROM soniq_sleepers AS sleeper WHERE sleeper.queue = $1)
       OR EXISTS (
           SELECT FROM soniq_workers AS worker
           WHERE (worker.metadata ->> 'runtime') IS DISTINCT FROM 'soniq-rust'
             AND worker.last_heartbeat > now() - interval '1 hour'
       )
    THEN
        PERFORM pg_notify('soniq_new_job', $1);
    END IF;
END
$body$;

DO $body$
BEGIN
    EXECUTE format('ALTER FUNCTION soniq_wake(text) SET search_path = pg_catalog, %I, pg_temp',
                   current_schema());
END
$body$;
