-- The tables of Soniq on Postgres, in SQLite's words: same names, columns and states. Nobody else
-- writes here, so what is nullable there for the sake of others is not here.
--
-- Times are whole microseconds since 1970 in UTC, so that they compare as they should; to read one:
-- SELECT datetime(created_at / 1000000, 'unixepoch'). Ids are text, booleans 0 or 1, JSON is text.

CREATE TABLE soniq_jobs (
    id           TEXT NOT NULL PRIMARY KEY,
    job_name     TEXT NOT NULL,
    args         TEXT NOT NULL CHECK (json_valid(args)),
    args_hash    TEXT,
    status       TEXT NOT NULL DEFAULT 'queued'
                 CHECK (status IN ('queued', 'processing', 'done', 'cancelled')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER,
    queue        TEXT NOT NULL DEFAULT 'default',
    priority     INTEGER NOT NULL DEFAULT 100,
    unique_job   INTEGER NOT NULL DEFAULT 0,
    dedup_key    TEXT,
    scheduled_at INTEGER,
    expires_at   INTEGER,
    last_error   TEXT,
    result       TEXT CHECK (json_valid(result)),
    producer_id  TEXT,
    worker_id    TEXT,
    claim_id     INTEGER,
    meta         TEXT CHECK (json_valid(meta)),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX idx_soniq_jobs_unique_queued
    ON soniq_jobs (job_name, args_hash) WHERE status = 'queued' AND unique_job = 1;
CREATE UNIQUE INDEX idx_soniq_jobs_dedup_key
    ON soniq_jobs (dedup_key) WHERE status = 'queued' AND dedup_key IS NOT NULL;
CREATE INDEX idx_soniq_jobs_expires_at
    ON soniq_jobs (expires_at) WHERE expires_at IS NOT NULL;
-- The claim's exact order; and what a claim goes by, so that rows of other queues and tasks are passed
-- over inside the index.
CREATE INDEX idx_soniq_jobs_claim
    ON soniq_jobs (priority, coalesce(scheduled_at, created_at), id, queue, job_name)
    WHERE status = 'queued';
-- What each worker has claimed, and what runs at all.
CREATE INDEX idx_soniq_jobs_claimed
    ON soniq_jobs (worker_id, id) WHERE status = 'processing';
-- The next due time, for a worker that goes to sleep.
CREATE INDEX idx_soniq_jobs_due
    ON soniq_jobs (job_name, scheduled_at) WHERE status = 'queued' AND scheduled_at IS NOT NULL;
-- Jobs on their last try after a crash, claimed alone; nearly always empty.
CREATE INDEX idx_soniq_jobs_solo
    ON soniq_jobs (priority, id)
    WHERE status = 'queued' AND json_type(meta, '$.solo') IS NOT NULL;

-- A claim's number never recurs; `attempts` does, after a snooze or a release.
CREATE TABLE soniq_claim_ids (last INTEGER NOT NULL) STRICT;
INSERT INTO soniq_claim_ids (last) VALUES (0);

CREATE TABLE soniq_dead_letter_jobs (
    id                      TEXT NOT NULL PRIMARY KEY,
    job_name                TEXT NOT NULL,
    args                    TEXT NOT NULL CHECK (json_valid(args)),
    queue                   TEXT NOT NULL,
    priority                INTEGER NOT NULL,
    max_attempts            INTEGER NOT NULL,
    attempts                INTEGER NOT NULL,
    last_error              TEXT,
    dead_letter_reason      TEXT NOT NULL,
    original_created_at     INTEGER NOT NULL,
    moved_to_dead_letter_at INTEGER NOT NULL,
    resurrection_count      INTEGER NOT NULL DEFAULT 0,
    last_resurrection_at    INTEGER,
    tags                    TEXT CHECK (json_valid(tags)),
    meta                    TEXT CHECK (json_valid(meta)),
    created_at              INTEGER
) STRICT;

CREATE INDEX idx_soniq_dead_letter_jobs_moved_at
    ON soniq_dead_letter_jobs (moved_to_dead_letter_at);
CREATE INDEX idx_soniq_dead_letter_jobs_job_name
    ON soniq_dead_letter_jobs (job_name);

CREATE TABLE soniq_workers (
    id             TEXT NOT NULL PRIMARY KEY,
    hostname       TEXT NOT NULL,
    pid            INTEGER NOT NULL,
    -- A JSON array.
    queues         TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(queues)),
    concurrency    INTEGER NOT NULL DEFAULT 1,
    status         TEXT NOT NULL DEFAULT 'active'
                   CHECK (status IN ('active', 'stopping', 'stopped')),
    last_heartbeat INTEGER NOT NULL,
    started_at     INTEGER NOT NULL,
    version        TEXT,
    metadata       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata))
) STRICT;

CREATE UNIQUE INDEX idx_soniq_workers_host_pid ON soniq_workers (hostname, pid);

CREATE TABLE soniq_task_registry (
    task_name       TEXT NOT NULL,
    worker_id       TEXT NOT NULL,
    last_seen_at    INTEGER NOT NULL,
    args_model_repr TEXT,
    PRIMARY KEY (task_name, worker_id)
) STRICT;

-- Schedules that are an interval, or cron in UTC.
CREATE TABLE soniq_recurring_jobs (
    id             TEXT NOT NULL PRIMARY KEY,
    job_name       TEXT NOT NULL,
    schedule_type  TEXT NOT NULL CHECK (schedule_type IN ('interval', 'cron')),
    schedule_value TEXT NOT NULL,
    priority       INTEGER NOT NULL DEFAULT 100,
    queue          TEXT NOT NULL DEFAULT 'default',
    max_attempts   INTEGER NOT NULL DEFAULT 4,
    job_kwargs     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(job_kwargs)),
    unique_job     INTEGER NOT NULL DEFAULT 0,
    status         TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    created_at     INTEGER NOT NULL,
    last_run       INTEGER,
    next_run       INTEGER,
    run_count      INTEGER NOT NULL DEFAULT 0,
    last_job_id    TEXT,
    updated_at     INTEGER NOT NULL
) STRICT;

-- Schedules with a time zone or a catch-up policy.
CREATE TABLE soniq_schedules (
    id             TEXT NOT NULL PRIMARY KEY,
    job_name       TEXT NOT NULL UNIQUE,
    schedule_type  TEXT NOT NULL CHECK (schedule_type IN ('interval', 'cron')),
    schedule_value TEXT NOT NULL,
    timezone       TEXT NOT NULL DEFAULT 'UTC',
    catch_up       TEXT NOT NULL DEFAULT 'one' CHECK (catch_up IN ('one', 'all', 'none')),
    priority       INTEGER NOT NULL DEFAULT 100,
    queue          TEXT NOT NULL DEFAULT 'default',
    max_attempts   INTEGER NOT NULL DEFAULT 4,
    job_kwargs     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(job_kwargs)),
    unique_job     INTEGER NOT NULL DEFAULT 0,
    status         TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    created_at     INTEGER NOT NULL,
    last_run       INTEGER,
    next_run       INTEGER,
    run_count      INTEGER NOT NULL DEFAULT 0,
    last_job_id    TEXT,
    updated_at     INTEGER NOT NULL
) STRICT;

-- Whose contracts have a schedule. One that all of them have dropped is an orphan: it still fires,
-- and operators are told.
CREATE TABLE soniq_schedule_owners (
    schedule_id TEXT NOT NULL,
    owner       TEXT NOT NULL,
    dropped_at  INTEGER,
    PRIMARY KEY (schedule_id, owner)
) STRICT;

-- Queues that nobody claims from until they are resumed. A queue without a row is open.
CREATE TABLE soniq_paused_queues (
    queue     TEXT NOT NULL PRIMARY KEY,
    paused_at INTEGER NOT NULL
) STRICT;
