-- Of the candidates (by_name.sql, solo.sql) those that their tasks' limits leave room for: so many may run
-- at once ($7), in all or per key ($8). What runs is counted by the table itself, so the claims of a worker
-- that crashed count until they are rescued. The caller holds the tasks' locks (lock_concurrency.sql). $3
-- and $6 say of each wire name which task's it is.
named AS MATERIALIZED (
    SELECT own.name, own.task, task.most, task.key
    FROM unnest($3, $6) AS own (name, task)
    JOIN unnest($7, $8) WITH ORDINALITY AS task (most, key, place) ON task.place = own.task
),
part AS MATERIALIZED (
    SELECT
        named.name, parts.place, parts.part ->> 'literal' AS literal,
        ARRAY(SELECT jsonb_array_elements_text(parts.part -> 'field')) AS field
    FROM named
    CROSS JOIN LATERAL jsonb_array_elements(named.key) WITH ORDINALITY AS parts (part, place)
),
running AS MATERIALIZED (
    SELECT named.task, slot.key, count(*) AS jobs
    FROM soniq_jobs AS job
    JOIN named ON named.name = job.job_name
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(part.literal, job.args #>> part.field), '' ORDER BY part.place) AS key
        FROM part
        WHERE part.name = job.job_name
    ) AS slot
    WHERE job.status = 'processing'
    GROUP BY named.task, slot.key
),
placed AS (
    SELECT
        candidate.place, candidate.priority, candidate.due_at, candidate.id,
        named.task, named.most, slot.key,
        row_number() OVER (
            PARTITION BY named.task, slot.key
            ORDER BY candidate.priority, candidate.due_at, candidate.id
        ) AS turn
    FROM candidate
    JOIN named ON named.name = candidate.name
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(part.literal, job.args #>> part.field), '' ORDER BY part.place) AS key
        FROM soniq_jobs AS job
        CROSS JOIN part
        WHERE job.ctid = candidate.place AND part.name = candidate.name
    ) AS slot
),
chosen AS MATERIALIZED (
    SELECT placed.place
    FROM placed
    LEFT JOIN running
        ON running.task = placed.task AND running.key IS NOT DISTINCT FROM placed.key
    WHERE placed.turn + coalesce(running.jobs, 0) <= placed.most
    ORDER BY placed.priority, placed.due_at, placed.id
),
