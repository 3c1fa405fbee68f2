INSERT INTO soniq_migrations (version, name) VALUES ($1, $2)
