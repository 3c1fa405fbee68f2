-- As claim.sql, for tasks of which so many may run at once ($5), in all or per key ($6): what runs is
-- counted by the table itself, so the claims of a worker that crashed count until they are rescued.
-- The caller holds the tasks' locks (lock_concurrency.sql). $3 and $4 say of each wire name which
-- task's it is; $8 is whether jobs that must run alone are wanted, or the others; $9 is how far to look.
WITH named AS MATERIALIZED (
    SELECT own.name, own.task, task.most, task.key
    FROM unnest($3::text[], $4::int[]) AS own (name, task)
    JOIN unnest($5::int[], $6::jsonb[]) WITH ORDINALITY AS task (most, key, place)
        ON task.place = own.task
),
running AS MATERIALIZED (
    SELECT named.task, slot.key, count(*) AS jobs
    FROM soniq_jobs AS job
    JOIN named ON named.name = job.job_name
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(part ->> 'literal', job.args #>> ARRAY(
            SELECT jsonb_array_elements_text(part -> 'field')
        )), '' ORDER BY place) AS key
        FROM jsonb_array_elements(named.key) WITH ORDINALITY AS parts (part, place)
    ) AS slot
    WHERE job.status = 'processing'
    GROUP BY named.task, slot.key
),
candidate AS MATERIALIZED (
    SELECT id, job_name, args,
           coalesce(priority, 100) AS priority,
           coalesce(scheduled_at, created_at, '-infinity') AS due_at
    FROM soniq_jobs
    WHERE status = 'queued'
      AND coalesce(queue, 'default') = ANY (ARRAY(
          SELECT own.queue FROM unnest($2) AS own (queue)
          WHERE NOT EXISTS (SELECT 1 FROM soniq_paused_queues AS paused WHERE paused.queue = own.queue)
      ))
      AND job_name = ANY ($3)
      AND coalesce(scheduled_at, created_at, '-infinity') <= now()
      AND coalesce(meta ? 'solo', false) = $8
    ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
    LIMIT $9
),
placed AS (
    SELECT
        candidate.id, candidate.priority, candidate.due_at, named.task, named.most, slot.key,
        row_number() OVER (
            PARTITION BY named.task, slot.key
            ORDER BY candidate.priority, candidate.due_at, candidate.id
        ) AS place
    FROM candidate
    JOIN named ON named.name = candidate.job_name
    CROSS JOIN LATERAL (
        SELECT string_agg(coalesce(part ->> 'literal', candidate.args #>> ARRAY(
            SELECT jsonb_array_elements_text(part -> 'field')
        )), '' ORDER BY place) AS key
        FROM jsonb_array_elements(named.key) WITH ORDINALITY AS parts (part, place)
    ) AS slot
),
chosen AS MATERIALIZED (
    SELECT placed.id
    FROM placed
    LEFT JOIN running
        ON running.task = placed.task AND running.key IS NOT DISTINCT FROM placed.key
    WHERE placed.place + coalesce(running.jobs, 0) <= placed.most
    ORDER BY placed.priority, placed.due_at, placed.id
    LIMIT $7
),
due AS MATERIALIZED (
    SELECT job.id
    FROM chosen
    JOIN soniq_jobs AS job ON job.id = chosen.id
    WHERE job.status = 'queued'
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
),
claim AS MATERIALIZED (
    SELECT nextval('soniq_claim_ids') AS claim_id
),
worker AS MATERIALIZED (
    SELECT id FROM soniq_workers WHERE id = $1 FOR KEY SHARE
),
claimed AS (
    UPDATE soniq_jobs AS job
    SET status = 'processing',
        attempts = least(coalesce(job.attempts, 0), 2147483646) + 1,
        worker_id = worker.id,
        claim_id = claim.claim_id,
        updated_at = now()
    FROM due, claim, worker
    WHERE job.id = due.id
    RETURNING
        job.id, job.claim_id, job.attempts, job.job_name, job.args, job.max_attempts,
        coalesce(job.queue, 'default') AS queue, coalesce(job.priority, 100) AS priority,
        coalesce(job.created_at, now()) AS created_at,
        coalesce(job.scheduled_at, job.created_at, '-infinity') AS due_at
)
-- How many jobs were looked at comes back in any case: in a row of its own when none was claimed.
SELECT
    (SELECT count(*) FROM candidate) AS seen,
    claimed.id, claim_id, attempts, job_name, args, max_attempts, queue, created_at
FROM (VALUES (1)) AS always (one)
LEFT JOIN claimed ON true
ORDER BY priority, due_at, claimed.id
