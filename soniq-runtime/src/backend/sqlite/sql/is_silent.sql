SELECT 1 FROM soniq_workers WHERE id = ?1 AND last_heartbeat < ?2
