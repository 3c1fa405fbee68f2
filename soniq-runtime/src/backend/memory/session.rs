//! Workers and their sessions: registered, beating, listening; a session that is dropped is a worker
//! that is gone.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Store;
use super::rescue;
use super::state::State;
use crate::backend::{Answer, Beat, Phase, Wake, WorkerRow, WorkerSession};
use crate::error::Error;

/// Workers of one process beyond this many are refused.
const HOSTNAMES: u32 = 1000;

/// A registered worker.
#[derive(Debug, Clone)]
pub(super) struct Registered {
    pub(super) row: WorkerRow,
    /// Told apart from those of other workers by a number.
    pub(super) hostname: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) last_heartbeat: DateTime<Utc>,
    /// Whether it said that it claims nothing more.
    pub(super) draining: bool,
    /// The session that is open, by its number.
    pub(super) session: Option<u64>,
}

impl Registered {
    /// Whether it says that it takes jobs of this name.
    pub(super) fn handles(&self, name: &str) -> bool {
        self.row.tasks.iter().any(|(task, _)| task == name)
    }
}

struct Session {
    store: Arc<Store>,
    number: u64,
    worker: Uuid,
    timeout: Duration,
    default_max_attempts: i32,
}

/// Registers a worker and opens its session.
pub(super) fn open(
    store: &Arc<Store>,
    row: &WorkerRow,
    wake: Wake,
) -> Result<Box<dyn WorkerSession>, Error> {
    store.with(|state| register(state, row))?;
    Ok(resume(store, row, wake))
}

/// Opens a session of a worker that may be registered.
pub(super) fn resume(store: &Arc<Store>, row: &WorkerRow, wake: Wake) -> Box<dyn WorkerSession> {
    let number = store.with(|state| {
        state.last_session += 1;
        let number = state.last_session;
        state.listeners.insert(number, wake);
        if let Some(worker) = state.workers.get_mut(&row.id) {
            worker.session = Some(number);
        }
        number
    });
    Box::new(Session {
        store: Arc::clone(store),
        number,
        worker: row.id,
        timeout: row.heartbeat_timeout,
        default_max_attempts: row.default_max_attempts,
    })
}

fn register(state: &mut State, row: &WorkerRow) -> Result<(), Error> {
    let is_taken = |name: &str| state.workers.values().any(|other| other.hostname == name);
    let mut names = (1..=HOSTNAMES).map(|number| match number {
        1 => row.hostname.clone(),
        number => format!("{}#{number}", row.hostname),
    });
    let hostname = names.find(|name| !is_taken(name));
    let hostname = hostname.ok_or_else(|| Error::TooManyWorkers {
        hostname: row.hostname.clone(),
    })?;
    let now = state.now();
    let registered = Registered {
        row: row.clone(),
        hostname,
        started_at: now,
        last_heartbeat: now,
        draining: false,
        session: None,
    };
    state.workers.insert(row.id, registered);
    Ok(())
}

impl WorkerSession for Session {
    fn beat(&mut self, phase: Phase) -> Answer<'_, Beat> {
        Box::pin(async move { Ok(self.beat_now(phase)) })
    }
}

impl Session {
    fn beat_now(&self, phase: Phase) -> Beat {
        self.store.with(|state| {
            let now = state.now();
            let Some(worker) = state.workers.get_mut(&self.worker) else {
                return Beat {
                    row_gone: true,
                    ..Beat::default()
                };
            };
            worker.last_heartbeat = now;
            worker.draining |= phase == Phase::Draining;
            let called_off = state
                .jobs
                .values()
                .filter(|row| row.is_claimed_by(self.worker) && row.called_off.is_some())
                .map(|row| row.job.id)
                .collect();
            let (timeout, default) = (self.timeout, self.default_max_attempts);
            Beat {
                row_gone: false,
                rescued: rescue::rescue_the_dead(state, self.worker, timeout, default),
                called_off,
                suspects: false,
            }
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.store.with(|state| {
            state.listeners.remove(&self.number);
            if let Some(worker) = state.workers.get_mut(&self.worker)
                && worker.session == Some(self.number)
            {
                worker.session = None;
            }
        });
    }
}
