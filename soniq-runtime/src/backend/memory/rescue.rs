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
