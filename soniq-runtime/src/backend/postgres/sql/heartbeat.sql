UPDATE soniq_workers SET last_heartbeat = now() WHERE id = $1 RETURNING id
