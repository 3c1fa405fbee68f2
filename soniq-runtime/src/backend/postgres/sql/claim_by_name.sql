-- As claim.sql, from among the first jobs of each name in each queue (by_name.sql), merged. It is asked
-- only when a claim met too much that is not its own.
--
-- Where nothing further was looked at: what is beyond it may not be next.
edge AS MATERIALIZED (
    SELECT priority, due_at, id
    FROM (
        SELECT
            priority, due_at, id,
            row_number() OVER (PARTITION BY name, queue ORDER BY priority, due_at, id) AS place
        FROM candidate
    ) AS placed
    WHERE place = $5
    ORDER BY priority, due_at, id
    LIMIT 1
),
chosen AS (
    SELECT place
    FROM candidate
    WHERE NOT EXISTS (
        SELECT 1 FROM edge
        WHERE (edge.priority, edge.due_at, edge.id) < (candidate.priority, candidate.due_at, candidate.id)
    )
    ORDER BY priority, due_at, id
),
