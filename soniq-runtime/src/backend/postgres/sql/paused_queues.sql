SELECT queue FROM soniq_paused_queues ORDER BY queue
