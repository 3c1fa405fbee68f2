SELECT to_regclass('soniq_migrations') IS NOT NULL
