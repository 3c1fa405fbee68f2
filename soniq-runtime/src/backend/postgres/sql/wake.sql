SELECT pg_notify('soniq_new_job', queue) FROM unnest($1::text[]) AS woken (queue)
