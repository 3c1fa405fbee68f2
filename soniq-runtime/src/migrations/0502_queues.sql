-- Queues that nobody claims from until they are resumed. A queue without a row is open.
CREATE TABLE IF NOT EXISTS soniq_paused_queues (
    queue     text PRIMARY KEY,
    paused_at timestamptz NOT NULL DEFAULT now()
);
