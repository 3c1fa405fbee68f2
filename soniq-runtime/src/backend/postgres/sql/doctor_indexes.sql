SELECT
    class.relname AS name,
    index.indisvalid AND index.indisready AS valid,
    EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = class.oid) AS "constraint",
    pg_size_pretty(pg_relation_size(class.oid)) AS size
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
WHERE index.indrelid = 'soniq_jobs'::regclass
ORDER BY class.relname
