-- What runs of the names ?1.
SELECT job_name, args
FROM soniq_jobs INDEXED BY idx_soniq_jobs_claimed
WHERE status = 'processing' AND job_name IN (SELECT value FROM json_each(?1))
