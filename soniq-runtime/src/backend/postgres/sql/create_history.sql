CREATE TABLE IF NOT EXISTS soniq_migrations (
    id         serial PRIMARY KEY,
    version    varchar(255) NOT NULL UNIQUE,
    name       varchar(255) NOT NULL,
    applied_at timestamp DEFAULT now(),
    checksum   text
)
