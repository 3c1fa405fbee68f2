-- Schedules with a time zone or a catch-up policy. They have a table of their own because a
-- scheduler that knows neither would read them from soniq_recurring_jobs as plain UTC.

CREATE TABLE IF NOT EXISTS soniq_schedules (
    id             uuid PRIMARY KEY,
    job_name       text NOT NULL UNIQUE,
    schedule_type  text NOT NULL CHECK (schedule_type IN ('interval', 'cron')),
    schedule_value text NOT NULL,
    timezone       text NOT NULL DEFAULT 'UTC',
    catch_up       text NOT NULL DEFAULT 'one' CHECK (catch_up IN ('one', 'all', 'none')),
    priority       integer NOT NULL DEFAULT 100,
    queue          text NOT NULL DEFAULT 'default',
    max_attempts   integer NOT NULL DEFAULT 4,
    job_kwargs     jsonb NOT NULL DEFAULT '{}',
    unique_job     boolean DEFAULT false,
    status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_run       timestamptz,
    next_run       timestamptz,
    run_count      integer NOT NULL DEFAULT 0,
    last_job_id    uuid,
    updated_at     timestamptz NOT NULL DEFAULT now()
);

-- A task that is unique by its arguments is so when its schedule fires, too.
ALTER TABLE soniq_recurring_jobs ADD COLUMN IF NOT EXISTS unique_job boolean DEFAULT false;
