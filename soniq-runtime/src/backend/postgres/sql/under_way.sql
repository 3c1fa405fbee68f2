-- A row that another claim has taken, or is taking, is passed by without being touched. To lock it would
-- not only be in vain: a claim whose snapshot is a little older than the other's commit would follow the
-- row to its newer version, and keep that from its worker, who is about to complete it, until the end of
-- this claim. The number of who wrote or locked a row last (xmax) stays after an end without effect, so
-- what counts is whether that transaction had ended when this statement began. That row is still
-- visible as queued: then it was undone, or only locked it.
-- The number of several lockers at once (a multixact) is of another kind, and may look like one of those
-- under way: so one claim in a hundred tries every row.
WITH RECURSIVE under_way AS MATERIALIZED (
    SELECT
        snapshot,
        pg_snapshot_xmax(snapshot)::text::bigint AS next,
        age(pg_snapshot_xmax(snapshot)::xid) AS age,
        random() < 0.01 AS doubt
    FROM (SELECT pg_current_snapshot() AS snapshot) AS taken
),
