-- What keeps rows that died more than $1 seconds ago. A role that may not see others' activity sees
-- no text of theirs.
SELECT
    'transaction' AS kind, pid::text AS name,
    extract(epoch FROM now() - xact_start)::float8 AS age,
    format('%s, %s, %s', coalesce(nullif(application_name, ''), 'no name'), state,
        left(regexp_replace(query, '\s+', ' ', 'g'), 120)) AS detail
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
    AND xact_start < now() - $1 * interval '1 second'
UNION ALL
SELECT 'prepared', gid, extract(epoch FROM now() - prepared)::float8, NULL
FROM pg_prepared_xacts
WHERE database = current_database() AND prepared < now() - $1 * interval '1 second'
UNION ALL
SELECT
    'slot', slot_name, NULL,
    format('it is %s transactions behind', greatest(age(xmin), age(catalog_xmin)))
FROM pg_replication_slots
WHERE NOT active AND xmin IS NOT NULL AND age(xmin) > 1000000
ORDER BY kind, name
