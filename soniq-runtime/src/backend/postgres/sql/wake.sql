SELECT soniq_wake(queue) FROM unnest($1::text[]) AS woken (queue)
