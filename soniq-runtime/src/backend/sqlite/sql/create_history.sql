CREATE TABLE IF NOT EXISTS soniq_migrations (
    version    TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    applied_at INTEGER
) STRICT
