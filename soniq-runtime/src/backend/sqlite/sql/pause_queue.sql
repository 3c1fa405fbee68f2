INSERT INTO soniq_paused_queues (queue, paused_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING
