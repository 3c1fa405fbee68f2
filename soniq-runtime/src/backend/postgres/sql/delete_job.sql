-- A claim that goes first leaves nothing to delete.
DELETE FROM soniq_jobs WHERE id = $1 AND status <> 'processing' RETURNING id
