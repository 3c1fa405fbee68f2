-- Claims of workers that have been silent for $1 seconds, or that have no row at all for as long.
SELECT count(*) AS jobs
FROM soniq_jobs AS job
LEFT JOIN soniq_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'processing'
    AND coalesce(worker.last_heartbeat, job.updated_at, '-infinity') < now() - $1 * interval '1 second'
