-- What an enqueue of one job from Rust calls. It goes out unnamed, so that it works behind any pooler,
-- and a server parses and plans such a statement each time, which takes longer than to run it. What a
-- function runs is planned once for each session.
--
-- It acts for the caller, who needs the right to insert, and EXECUTE on this and on soniq_wake. Null
-- comes back when a queued job holds the key, or any the id. `is_new` says that neither can be: then
-- nothing is looked up, and half as much is written to the log for it.
CREATE OR REPLACE FUNCTION soniq_insert(
    id           uuid,
    job_name     text,
    args         jsonb,
    args_hash    text,
    queue        text,
    priority     integer,
    max_attempts integer,
    unique_job   boolean,
    dedup_key    text,
    due_at       timestamptz,
    delay        double precision,
    producer_id  text,
    meta         jsonb,
    is_new       boolean
) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
BEGIN
    IF $14 THEN
        INSERT INTO soniq_jobs (
            id, job_name, args, queue, priority, max_attempts,
            scheduled_at, producer_id, meta
        )
        VALUES (
            $1, $2, $3, $5, $6, $7,
            coalesce($10, now() + $11 * interval '1 second'), $12, $13
        );
    ELSE
        INSERT INTO soniq_jobs (
            id, job_name, args, args_hash, queue, priority, max_attempts,
            unique_job, dedup_key, scheduled_at, producer_id, meta
        )
        VALUES (
            $1, $2, $3, $4, $5, $6, $7,
            $8, $9, coalesce($10, now() + $11 * interval '1 second'), $12, $13
        )
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM soniq_wake($5);
    RETURN $1;
END
$body$;
