-- Enqueue and look up from any language that speaks SQL. A role that has nothing but EXECUTE on
-- soniq_enqueue and soniq_get_job can do these two things and no more.

-- A JSON string in ASCII, as the canonical text of arguments has it. to_json already escapes quotes,
-- backslashes and control characters; what is left is DEL and everything above it.
CREATE OR REPLACE FUNCTION soniq_ascii_json(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT CASE WHEN quoted ~ '^[ -~]*$' THEN quoted ELSE (
        SELECT string_agg(CASE
            WHEN point < 127 THEN piece
            WHEN point < 65536 THEN '\u' || lpad(to_hex(point), 4, '0')
            -- A surrogate pair, as UTF-16 spells what lies above the basic plane.
            ELSE '\u' || to_hex(55232 + point / 1024) || '\u' || to_hex(56320 + point % 1024)
        END, '' ORDER BY place)
        FROM regexp_split_to_table(quoted, '') WITH ORDINALITY AS pieces (piece, place),
             LATERAL ascii(piece) AS points (point)
    ) END
    FROM CAST(to_json(value) AS text) AS texts (quoted)
$body$;

-- The canonical text: keys sorted by code point, no spaces, numbers as jsonb prints them.
CREATE OR REPLACE FUNCTION soniq_canonical_args(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        RETURN '{' || coalesce((
            SELECT string_agg(soniq_ascii_json(m.key) || ':' || soniq_canonical_args(m.value),
                              ',' ORDER BY m.key COLLATE "C")
            FROM jsonb_each(value) AS m
        ), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((
            SELECT string_agg(soniq_canonical_args(item), ',' ORDER BY place)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS items (item, place)
        ), '') || ']';
    WHEN 'string' THEN
        RETURN soniq_ascii_json(value #>> '{}');
    ELSE
        RETURN value::text;
    END CASE;
END
$body$;

-- By which jobs that are unique by their arguments are told apart: SHA-256, lower-case hex.
CREATE OR REPLACE FUNCTION soniq_args_hash(args jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT encode(sha256(convert_to(soniq_canonical_args(args), 'UTF8')), 'hex')
$body$;

-- Adds a job and wakes a worker; gives the id of the queued job that already holds the dedup_key,
-- or for a unique job the same name and arguments, where there is one.
CREATE OR REPLACE FUNCTION soniq_enqueue(
    job_name     text,
    args         jsonb       DEFAULT '{}',
    queue        text        DEFAULT 'default',
    priority     integer     DEFAULT 100,
    run_at       timestamptz DEFAULT NULL,
    max_attempts integer     DEFAULT 4,
    unique_job   boolean     DEFAULT false,
    dedup_key    text        DEFAULT NULL,
    producer_id  text        DEFAULT NULL,
    job_id       uuid        DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $body$
#variable_conflict use_column
DECLARE
    name_pattern text;
    answer       uuid;
    new_id       uuid := coalesce($10, gen_random_uuid());
    new_queue    text := coalesce($3, 'default');
    is_unique    boolean := coalesce($7, false);
    new_hash     text;
BEGIN
    -- What the database is configured with, not what the caller's session says: its owner sets
    -- the rule by ALTER DATABASE ... SET soniq.task_name_pattern.
    SELECT substring(setting FROM '^soniq\.task_name_pattern=(.+)$') INTO name_pattern
    FROM pg_db_role_setting AS s
    JOIN pg_database AS d ON d.oid = s.setdatabase AND d.datname = current_database(),
         unnest(s.setconfig) AS setting
    WHERE s.setrole = 0 AND setting LIKE 'soniq.task\_name\_pattern=_%';
    name_pattern := coalesce(name_pattern, '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$');
    IF $1 IS NULL OR $1 !~ name_pattern THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('soniq: job name %s does not match %s', quote_nullable($1), name_pattern),
            HINT = 'SONIQ_INVALID_TASK_NAME';
    END IF;
    IF $2 IS NULL OR jsonb_typeof($2) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'soniq: args must be a JSON object',
            HINT = 'SONIQ_TASK_ARGS_INVALID';
    END IF;
    IF $6 IS NULL OR $6 < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'soniq: max_attempts must be >= 1';
    END IF;
    new_hash := CASE WHEN is_unique THEN soniq_args_hash($2) END;

    -- The twin may be newer than a statement's snapshot, or be claimed between the two statements.
    FOR try IN 1..10 LOOP
        INSERT INTO soniq_jobs (
            id, job_name, args, args_hash, queue, priority, max_attempts,
            unique_job, dedup_key, scheduled_at, producer_id
        )
        VALUES (
            new_id, $1, $2, new_hash, new_queue, coalesce($4, 100), $6,
            is_unique, $8, $5,
            coalesce($9, nullif(current_setting('application_name', true), ''), session_user)
        )
        ON CONFLICT DO NOTHING
        RETURNING id INTO answer;
        IF answer IS NOT NULL THEN
            PERFORM soniq_wake(new_queue);
            RETURN answer;
        END IF;

        SELECT id INTO answer
        FROM soniq_jobs
        WHERE status = 'queued'
          AND (dedup_key = $8 OR (is_unique AND unique_job AND job_name = $1 AND args_hash = new_hash))
        LIMIT 1;
        IF answer IS NOT NULL THEN
            RETURN answer;
        END IF;
        IF EXISTS (SELECT FROM soniq_jobs WHERE id = new_id) THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation',
                MESSAGE = format('soniq: job id %s already exists', new_id);
        END IF;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
        MESSAGE = format('soniq: %s met a job with its key 10 times and found it claimed each time; try again', $1);
END
$body$;

-- A job as it stands; status `dead_letter` where it was given up. No row: there never was one, or
-- it is finished and its result_ttl has passed.
CREATE OR REPLACE FUNCTION soniq_get_job(job_id uuid) RETURNS TABLE (
    id                 uuid,
    job_name           text,
    status             text,
    queue              text,
    attempts           integer,
    max_attempts       integer,
    result             jsonb,
    last_error         text,
    dead_letter_reason text,
    scheduled_at       timestamptz,
    created_at         timestamptz,
    updated_at         timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER AS $body$
    SELECT j.id, j.job_name, j.status, j.queue, j.attempts, j.max_attempts, j.result,
           j.last_error, NULL::text, j.scheduled_at, j.created_at, j.updated_at
    FROM soniq_jobs AS j
    WHERE j.id = $1
    UNION ALL
    SELECT d.id, d.job_name, 'dead_letter', d.queue, d.attempts, d.max_attempts, NULL,
           d.last_error, d.dead_letter_reason, NULL, d.original_created_at,
           d.moved_to_dead_letter_at
    FROM soniq_dead_letter_jobs AS d
    WHERE d.id = $1 AND NOT EXISTS (SELECT FROM soniq_jobs AS j WHERE j.id = $1)
$body$;

-- Each name that a function mentions is looked up in the schema of these tables and nowhere that a
-- caller could put another table of that name.
DO $body$
DECLARE
    signature regprocedure;
BEGIN
    FOREACH signature IN ARRAY ARRAY[
        'soniq_ascii_json(text)', 'soniq_canonical_args(jsonb)', 'soniq_args_hash(jsonb)',
        'soniq_enqueue(text, jsonb, text, integer, timestamptz, integer, boolean, text, text, uuid)',
        'soniq_get_job(uuid)'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp',
                       signature, current_schema());
    END LOOP;
END
$body$;

REVOKE ALL ON FUNCTION
    soniq_enqueue(text, jsonb, text, integer, timestamptz, integer, boolean, text, text, uuid),
    soniq_get_job(uuid)
FROM PUBLIC;

-- Early releases of Soniq for Python wrote the tags of some dead letters as JSON in a JSON string.
UPDATE soniq_dead_letter_jobs
SET tags = CAST(tags #>> '{}' AS jsonb)
WHERE jsonb_typeof(tags) = 'string' AND starts_with(tags #>> '{}', '{');
