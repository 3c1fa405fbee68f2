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
}

impl Buffer {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn add(&mut self, jobs: impl IntoIterator<Item = ClaimedJob>) {
        let now = Instant::now();
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

    /// Takes out what has waited for too long.
    pub(super) fn take_stale(&mut self) -> Vec<ClaimedJob> {
        let now = Instant::now();
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
