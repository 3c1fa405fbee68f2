//! Random histories in memory, stepped by the store's clock.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::Memory;
use crate::backend::Backend;
use crate::backend::machine::{Found, Site, any_history_leaves_what_the_model_says};
use crate::jobs::Status;
use crate::settings::Settings;

impl Site for Memory {
    const CASES: u32 = 100;

    async fn open() -> Self {
        Memory::open("", Arc::new(Settings::default()))
    }

    fn backend(&self) -> &dyn Backend {
        self
    }

    async fn contents(&self) -> (Vec<Found>, usize) {
        self.store.with(|state| {
            let jobs = state.jobs.values().map(|row| {
                let lives = matches!(row.job.status, Status::Queued | Status::Processing);
                Found {
                    id: row.job.id,
                    status: row.job.status.to_string(),
                    attempts: row.job.attempts,
                    worker: row.job.worker_id,
                    keyed: lives && (row.job.dedup_key.is_some() || row.unique),
                    solo: lives && row.solo,
                    called_off: lives && row.called_off.is_some(),
                    resurrections: 0,
                }
            });
            let letters = state.dead_letters.values().map(|letter| Found {
                id: letter.id,
                status: "dead".to_owned(),
                attempts: letter.attempts,
                worker: None,
                keyed: false,
                solo: false,
                called_off: false,
                resurrections: letter.resurrection_count,
            });
            (jobs.chain(letters).collect(), state.workers.len())
        })
    }

    async fn step(&self, by: Duration) {
        self.advance(by);
    }

    async fn silence(&self, worker: Uuid, since: Duration) {
        self.store.with(|state| {
            let beaten = state.clock.before(since);
            if let Some(worker) = state.workers.get_mut(&worker) {
                worker.last_heartbeat = beaten;
            }
        });
    }
}

#[test]
fn any_history_in_memory_leaves_what_the_model_says() {
    any_history_leaves_what_the_model_says::<Memory>();
}
