-- A claim that meets too much that is not its own (names without a handler here, paused queues) goes
-- by name and queue. The next due time of a task is found by it, too, which is all that the index
-- before it was for.
--
-- Every row that is enqueued has an entry in it, so it is small: a hash in place of two texts, and no
-- id, so that rows of one transaction share an entry. What is due at the same time is found in the
-- order in which it was written. The condition on the name is always true: without it, a planner that
-- was told that nothing is queued would read this index, and sort, where the claim's is in order.

CREATE INDEX IF NOT EXISTS idx_soniq_jobs_named
    ON soniq_jobs (
        hashtext(job_name || '/' || coalesce(queue, 'default')),
        coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity')
    )
    WHERE status = 'queued' AND job_name IS NOT NULL;
DROP INDEX IF EXISTS idx_soniq_jobs_due;
