-- What lies in the queue is due as far as its workers are concerned, so they are woken.
DELETE FROM soniq_paused_queues WHERE queue = $1 RETURNING queue, soniq_wake(queue)
