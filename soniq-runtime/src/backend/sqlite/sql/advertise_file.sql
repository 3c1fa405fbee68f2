UPDATE soniq_workers SET metadata = json_set(metadata, '$.liveness_file', json(?2)) WHERE id = ?1
