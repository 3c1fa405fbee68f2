SELECT current_database()::text AS database, now() AS taken_at
