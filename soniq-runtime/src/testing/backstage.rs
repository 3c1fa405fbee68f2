//! The way behind a handle on the store in memory, for the tests that all stores share.

use std::time::Duration;

use uuid::Uuid;

use crate::backend::memory::Memory;
use crate::error::Error;
use crate::soniq::Soniq;

/// What no handle shows or does. Not for use by hand: it may change with any release.
#[derive(Debug, Clone, Copy)]
pub struct Backstage<'a>(&'a Memory);

impl<'a> Backstage<'a> {
    /// Of a handle on the store in memory.
    ///
    /// # Errors
    /// [`Error::NeedsMemory`] on other stores.
    pub fn of(soniq: &'a Soniq) -> Result<Self, Error> {
        let memory = soniq.backend().as_memory();
        let what = "going behind a handle's back";
        memory.map(Backstage).ok_or(Error::NeedsMemory { what })
    }

    /// How many rows carry the number of a claim.
    pub fn claims(self) -> usize {
        self.0.claims()
    }

    /// A job's row, all of it, as text that is only good for comparing.
    pub fn everything_about(self, job: Uuid) -> String {
        self.0.everything_about(job)
    }

    /// Marks a queued job as a rescue does whose worker died at its last attempt.
    pub fn must_run_alone(self, job: Uuid) {
        self.0.must_run_alone(job);
    }

    /// Calls off a job that runs and tells nobody; its row stays for `ttl` once it has ended.
    pub fn call_off_silently(self, job: Uuid, ttl: Duration) {
        self.0.call_off_silently(job, ttl);
    }

    /// Has another worker's claim take the place of the one that a job is under, at the same attempt.
    pub fn hand_over(self, job: Uuid) {
        self.0.hand_over(job);
    }

    /// Has a worker's last heartbeat be so long ago.
    pub fn silence(self, worker: Uuid, time: Duration) {
        self.0.silence(worker, time);
    }

    /// Removes the rows of all workers.
    pub fn forget_workers(self) {
        self.0.forget_workers();
    }

    /// As another worker's sweep takes all workers for dead: their claims are queued again and their
    /// rows gone.
    pub fn take_all_for_dead(self) {
        self.0.take_all_for_dead();
    }
}
