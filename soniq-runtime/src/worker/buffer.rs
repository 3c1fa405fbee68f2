//! Jobs that a worker has claimed and not started.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::backend::{ClaimedJob, Fence};

/// A job that has not started after this long goes back: a sibling may be idle. Longer than the
/// horizon of the prefetch, so that a job which took a little longer than its like costs nothing.
const HOLD: Duration = Duration::from_millis(500);

/// In the order in which they should run, which is also that of their claims.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    jobs: VecDeque<(Instant, ClaimedJob)>,
    /// How many had ended when the last were added, or kept.
    ended: u64,
}

impl Buffer {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Adds jobs, after so many `ended`.
    pub(super) fn add(&mut self, jobs: impl IntoIterator<Item = ClaimedJob>, ended: u64) {
        let now = Instant::now();
        self.ended = ended;
        self.jobs.extend(jobs.into_iter().map(|job| (now, job)));
    }

    /// The job that should run next.
    pub(super) fn next(&mut self) -> Option<ClaimedJob> {
        self.jobs.pop_front().map(|(_, job)| job)
    }

    /// Takes out this job, if it waits here.
    pub(super) fn take(&mut self, id: Uuid) -> Vec<ClaimedJob> {
        let (taken, rest): (VecDeque<_>, VecDeque<_>) =
            self.jobs.drain(..).partition(|(_, job)| job.fence.id == id);
        self.jobs = rest;
        taken.into_iter().map(|(_, job)| job).collect()
    }

    /// Takes out everything.
    pub(super) fn take_all(&mut self) -> Vec<ClaimedJob> {
        self.jobs.drain(..).map(|(_, job)| job).collect()
    }

    /// Takes out what has waited for too long, after so many `ended`. `short` jobs stay if some of them have
    /// ended meanwhile: they wait for a processor, and not for each other.
    pub(super) fn take_stale(&mut self, ended: u64, short: bool) -> Vec<ClaimedJob> {
        let now = Instant::now();
        if short && ended > self.ended && self.stale_at().is_some_and(|time| now >= time) {
            self.ended = ended;
            for (since, _) in &mut self.jobs {
                *since = now;
            }
            return Vec::new();
        }
        let (stale, fresh): (VecDeque<_>, VecDeque<_>) = self
            .jobs
            .drain(..)
            .partition(|(since, _)| now.duration_since(*since) >= HOLD);
        self.jobs = fresh;
        stale.into_iter().map(|(_, job)| job).collect()
    }

    /// When the first of them will have waited for too long: what was claimed first is in front.
    pub(super) fn stale_at(&self) -> Option<Instant> {
        self.jobs.front().map(|(since, _)| *since + HOLD)
    }

    pub(super) fn fences(&self) -> impl Iterator<Item = Fence> {
        self.jobs.iter().map(|(_, job)| job.fence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> ClaimedJob {
        ClaimedJob {
            fence: Fence {
                id: Uuid::now_v7(),
                worker: None,
                claim_id: None,
                attempts: None,
            },
            name: String::new(),
            args: Err(String::new()),
            size: 0,
            max_attempts: None,
            queue: String::new(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            solo: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_too_long_goes_back_unless_short_jobs_end_meanwhile() {
        let mut buffer = Buffer::default();
        buffer.add([job(), job()], 7);
        assert!(buffer.take_stale(8, true).is_empty(), "not yet");
        tokio::time::advance(HOLD).await;
        assert!(buffer.take_stale(8, true).is_empty(), "one has ended");
        assert_eq!(buffer.stale_at(), Some(Instant::now() + HOLD));
        tokio::time::advance(HOLD).await;
        assert_eq!(buffer.take_stale(8, true).len(), 2, "none has since");
        buffer.add([job()], 8);
        tokio::time::advance(HOLD).await;
        assert_eq!(buffer.take_stale(9, false).len(), 1, "they are long");
    }
}
