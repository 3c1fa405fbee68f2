INSERT INTO soniq_paused_queues (queue) VALUES ($1) ON CONFLICT DO NOTHING RETURNING queue
