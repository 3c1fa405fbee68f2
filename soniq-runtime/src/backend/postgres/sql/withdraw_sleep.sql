DELETE FROM soniq_sleepers WHERE worker_id = $1
