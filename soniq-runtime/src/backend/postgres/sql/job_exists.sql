SELECT id FROM soniq_jobs WHERE id = $1
