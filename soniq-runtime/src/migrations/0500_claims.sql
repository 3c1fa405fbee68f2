-- Fenced claims. What Soniq for Rust adds to the shared tables is nullable, so that rows written
-- by others stay valid.

ALTER TABLE soniq_jobs
    ADD COLUMN IF NOT EXISTS claim_id bigint,
    ADD COLUMN IF NOT EXISTS meta jsonb;
ALTER TABLE soniq_jobs ALTER COLUMN max_attempts SET DEFAULT 4;
ALTER TABLE soniq_dead_letter_jobs ADD COLUMN IF NOT EXISTS meta jsonb;

-- A claim's number never recurs; `attempts` does, after a snooze or a release.
CREATE SEQUENCE IF NOT EXISTS soniq_claim_ids;

-- The claim's exact order; what a row leaves out counts as its default.
CREATE INDEX IF NOT EXISTS idx_soniq_jobs_claim
    ON soniq_jobs (coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id)
    WHERE status = 'queued';
-- The next due time, for a worker that goes to sleep.
CREATE INDEX IF NOT EXISTS idx_soniq_jobs_due
    ON soniq_jobs (scheduled_at) WHERE status = 'queued' AND scheduled_at IS NOT NULL;
-- Jobs on their last try after a crash, claimed alone; nearly always empty.
CREATE INDEX IF NOT EXISTS idx_soniq_jobs_solo
    ON soniq_jobs (coalesce(priority, 100), id) WHERE status = 'queued' AND meta ? 'solo';
