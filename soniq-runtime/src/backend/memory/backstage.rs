//! What no handle shows or does, for the tests that all stores share.

use std::time::Duration;

use uuid::Uuid;

use super::Memory;
use crate::jobs::Status;

impl Memory {
    /// How many rows carry the number of a claim.
    pub(crate) fn claims(&self) -> usize {
        self.store.with(|state| {
            let claimed = state.jobs.values().filter(|row| row.claim_id.is_some());
            claimed.count()
        })
    }

    /// A job's row, all of it.
    pub(crate) fn everything_about(&self, job: Uuid) -> String {
        self.store
            .with(|state| format!("{:?}", state.jobs.get(&job)))
    }

    /// As a rescue marks a job whose worker died at its last attempt.
    pub(crate) fn must_run_alone(&self, job: Uuid) {
        self.store.with(|state| {
            if let Some(row) = state.jobs.get_mut(&job) {
                row.solo = true;
            }
        });
    }

    /// Calls off a job that runs and tells nobody.
    pub(crate) fn call_off_silently(&self, job: Uuid, ttl: Duration) {
        self.store.with(|state| {
            if let Some(row) = state.jobs.get_mut(&job) {
                row.called_off = Some(ttl);
            }
        });
    }

    /// Has another worker's claim take the place of the one that a job is under.
    pub(crate) fn hand_over(&self, job: Uuid) {
        self.store.with(|state| {
            let claim = state.next_claim();
            if let Some(row) = state.jobs.get_mut(&job) {
                row.job.worker_id = Some(Uuid::now_v7());
                row.claim_id = Some(claim);
            }
        });
    }

    /// Has a worker's last heartbeat be so long ago.
    pub(crate) fn silence(&self, worker: Uuid, time: Duration) {
        self.store.with(|state| {
            let then = state.clock.before(time);
            if let Some(worker) = state.workers.get_mut(&worker) {
                worker.last_heartbeat = then;
            }
        });
    }

    /// Removes the rows of all workers.
    pub(crate) fn forget_workers(&self) {
        self.store.with(|state| state.workers.clear());
    }

    /// As another worker's sweep takes all workers for dead.
    pub(crate) fn take_all_for_dead(&self) {
        self.store.with(|state| {
            for row in state.jobs.values_mut() {
                if row.job.status == Status::Processing {
                    row.job.status = Status::Queued;
                    row.job.worker_id = None;
                    row.claim_id = None;
                }
            }
            state.workers.clear();
        });
    }
}
