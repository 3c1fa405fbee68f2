DELETE FROM soniq_jobs WHERE id = ANY ($1)
