SELECT version, name, applied_at::timestamptz AS applied_at FROM soniq_migrations
