-- As claim.sql, of the priorities $6 only, each from the place ($7, $8) on: where the worker's claims have come
-- to. What is behind it is not walked over: beside a transaction that is held open for long, the entries of all
-- that was claimed since. trail.rs says when.
level (priority, due_at, id) AS (
    SELECT place.*
    FROM unnest($6::int4[], $7::timestamptz[], $8::uuid[]) AS place (priority, due_at, id)
    ORDER BY place.priority
),
