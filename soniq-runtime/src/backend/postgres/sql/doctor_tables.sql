SELECT
    class.relname AS name,
    coalesce(stat.n_live_tup, 0) AS live,
    coalesce(stat.n_dead_tup, 0) AS dead,
    pg_size_pretty(pg_total_relation_size(class.oid)) AS size,
    extract(epoch FROM now() - greatest(stat.last_vacuum, stat.last_autovacuum))::float8
        AS seconds_since_vacuum,
    coalesce(stat.last_analyze, stat.last_autoanalyze) IS NOT NULL AS analyzed,
    CASE
        WHEN current_setting('autovacuum') = 'off' THEN
            'ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()'
        WHEN current_setting('track_counts') = 'off' THEN
            'ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf()'
        WHEN class.reloptions && '{autovacuum_enabled=false,autovacuum_enabled=off}' THEN
            format('ALTER TABLE %I RESET (autovacuum_enabled)', class.relname)
    END AS enable
FROM pg_class AS class
LEFT JOIN pg_stat_user_tables AS stat ON stat.relid = class.oid
WHERE class.oid IN ('soniq_jobs'::regclass, 'soniq_dead_letter_jobs'::regclass, 'soniq_workers'::regclass)
ORDER BY class.relname
