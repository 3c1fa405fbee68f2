//! Jobs of workers that died go back to the queue.

use std::time::Duration;

use uuid::Uuid;

use super::finish::settle;
use super::state::{Row, State};
use crate::backend::Finish;
use crate::backend::orphan::Orphan;
use crate::jobs::Status;

/// A worker that beats no more, and whose session is gone, is dead after so many of its own beats.
/// In one process a session that is gone was dropped: nothing else can end it, as a lost connection
/// or a server's restart can.
const MISSED_BEATS: u32 = 3;

/// Rescues the jobs of all dead workers but `but`, which looks; how many jobs those were.
pub(super) fn rescue_the_dead(
    state: &mut State,
    but: Uuid,
    timeout: Duration,
    default_max_attempts: i32,
) -> usize {
    let dead: Vec<Uuid> = state
        .workers
        .values()
        .filter(|worker| worker.row.id != but)
        .filter(|worker| {
            let missed = worker.row.heartbeat_interval.saturating_mul(MISSED_BEATS);
            worker.last_heartbeat < state.clock.before(timeout)
                || worker.session.is_none() && worker.last_heartbeat < state.clock.before(missed)
        })
        .map(|worker| worker.row.id)
        .collect();
    let mut rescued = 0;
    for worker in dead {
        rescued += rescue(state, default_max_attempts, |row| row.is_claimed_by(worker));
        state.workers.remove(&worker);
        tracing::warn!(%worker, "removed a dead worker");
    }
    rescued
}

/// Rescues claims whose worker is not registered; how many.
pub(super) fn rescue_orphans(state: &mut State, default_max_attempts: i32) -> usize {
    let workers: Vec<Uuid> = state.workers.keys().copied().collect();
    rescue(state, default_max_attempts, |row| {
        let worker = row.job.worker_id;
        row.job.status == Status::Processing && worker.is_none_or(|id| !workers.contains(&id))
    })
}

fn rescue(
    state: &mut State,
    default_max_attempts: i32,
    is_orphaned: impl Fn(&Row) -> bool,
) -> usize {
    let claims: Vec<Finish> = state
        .jobs
        .values()
        .filter(|row| is_orphaned(row))
        .map(|row| {
            let orphan = Orphan {
                fence: row.fence(),
                max_attempts: row.job.max_attempts,
                solo: row.solo,
                called_off: row.called_off.is_some(),
            };
            orphan.verdict(default_max_attempts)
        })
        .collect();
    claims.len() - settle(state, &claims).lost.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::sync::Arc;

    use serde_json::json;

    use super::super::{Memory, claim, enqueue, session};
    use super::*;
    use crate::backend::WorkerRow;
    use crate::enqueue::NewJob;
    use crate::settings::Settings;

    const INTERVAL: Duration = Duration::from_secs(5);
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn worker(n: u128) -> WorkerRow {
        WorkerRow {
            id: Uuid::from_u128(n),
            hostname: "here".to_owned(),
            queues: vec!["default".to_owned()],
            concurrency: 1,
            heartbeat_interval: INTERVAL,
            heartbeat_timeout: TIMEOUT,
            tasks: Vec::new(),
            default_max_attempts: 4,
        }
    }

    #[test]
    fn a_dropped_session_is_rescued_after_three_beats_and_an_open_one_is_not() {
        let memory = Memory::open("", Arc::new(Settings::default()));
        let store = &memory.store;
        let open = |n| session::open(store, &worker(n), Arc::new(|_| {})).unwrap();
        let (_looking, _silent, crashed) = (open(1), open(2), open(3));
        drop(crashed);
        let claim = |n| {
            store.with(|state| {
                let job = NewJob::new("test.ship.v1", json!({})).unwrap();
                let jobs = vec![job];
                let settings = Settings::default();
                let new = enqueue::insert_all_or_none(state, jobs, &settings).unwrap();
                claim::take(state, Uuid::from_u128(n), &[new[0].id()]).len()
            })
        };
        assert_eq!((claim(2), claim(3)), (1, 1));
        let look = || store.with(|state| rescue_the_dead(state, Uuid::from_u128(1), TIMEOUT, 4));
        memory.advance(2 * INTERVAL);
        assert_eq!(look(), 0, "too early");
        memory.advance(2 * INTERVAL);
        assert_eq!(look(), 1);
        let left: Vec<Uuid> = store.with(|state| state.workers.keys().copied().collect());
        assert_eq!(left, [1, 2].map(Uuid::from_u128));
        // Who was taken for dead takes nothing.
        assert_eq!(claim(3), 0);
    }
}
