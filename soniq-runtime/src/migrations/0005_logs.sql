-- The table of Soniq for Python's log records; see 0004.

CREATE TABLE IF NOT EXISTS soniq_logs (
    id               serial PRIMARY KEY,
    timestamp        timestamptz NOT NULL,
    level            text NOT NULL,
    message          text NOT NULL,
    logger_name      text NOT NULL,
    module           text,
    function         text,
    line_number      integer,
    request_id       text,
    job_id           text,
    job_name         text,
    queue            text,
    extra_data       jsonb,
    exception_data   jsonb,
    performance_data jsonb,
    created_at       timestamptz DEFAULT now()
);

CREATE INDEX IF NOT EXISTS idx_soniq_logs_timestamp ON soniq_logs (timestamp);
CREATE INDEX IF NOT EXISTS idx_soniq_logs_job_id ON soniq_logs (job_id);
