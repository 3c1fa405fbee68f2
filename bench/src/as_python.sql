-- What tables that Soniq for Python made have besides ours: indexes under names of our own, since
-- only their cost matters here.
ALTER TABLE soniq_jobs
    ADD FOREIGN KEY (worker_id) REFERENCES soniq_workers (id) ON DELETE SET NULL;
CREATE INDEX python_status_priority ON soniq_jobs (status, priority) WHERE status = 'queued';
CREATE INDEX python_queue_status ON soniq_jobs (queue, status);
CREATE INDEX python_fetch
    ON soniq_jobs (queue, status, priority, scheduled_at) WHERE status = 'queued';
CREATE INDEX python_scheduled_at ON soniq_jobs (scheduled_at) WHERE scheduled_at IS NOT NULL;
CREATE INDEX python_args_hash ON soniq_jobs (args_hash) WHERE unique_job;
CREATE INDEX python_worker_id ON soniq_jobs (worker_id) WHERE worker_id IS NOT NULL;
CREATE INDEX python_last_heartbeat ON soniq_workers (last_heartbeat);
CREATE INDEX python_worker_status ON soniq_workers (status);
CREATE INDEX python_task_name ON soniq_task_registry (task_name);
