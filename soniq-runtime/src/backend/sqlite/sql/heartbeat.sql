-- Where ?3, the worker ?1 claims nothing more: its row says so from then on.
UPDATE soniq_workers
SET last_heartbeat = ?2,
    metadata = CASE WHEN ?3 THEN json_set(metadata, '$.draining', json('true')) ELSE metadata END
WHERE id = ?1
RETURNING id
