-- Whose contracts have a schedule. One that all of them have dropped is an orphan: it still fires,
-- and operators are told. A schedule without a row here came another way.

CREATE TABLE IF NOT EXISTS soniq_schedule_owners (
    -- Of either table of schedules; another implementation that replaces one gives it a new id.
    schedule_id uuid NOT NULL,
    owner       text NOT NULL,
    dropped_at  timestamptz,
    PRIMARY KEY (schedule_id, owner)
);
