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
    use std::time::Duration;

    use serde_json::json;
    use uuid::Uuid;

    use super::super::Memory;
    use crate::backend::{Backend, ClaimScope, WorkerRow, WorkerSession};
    use crate::enqueue::NewJob;
    use crate::settings::Settings;

    const NAME: &str = "test.ship.v1";
    const INTERVAL: Duration = Duration::from_secs(5);

    fn row() -> WorkerRow {
        WorkerRow {
            id: Uuid::now_v7(),
            hostname: "here".to_owned(),
            queues: vec!["default".to_owned()],
            concurrency: 1,
            heartbeat_interval: INTERVAL,
            heartbeat_timeout: Duration::from_secs(300),
            tasks: Vec::new(),
            default_max_attempts: 4,
        }
    }

    async fn open(memory: &Memory) -> (Uuid, Box<dyn WorkerSession>) {
        let row = row();
        let session = memory.open_session(row.clone(), Arc::new(|_| {})).await;
        (row.id, session.unwrap())
    }

    fn scope(worker: Uuid) -> ClaimScope {
        let names = vec![NAME.to_owned()];
        ClaimScope {
            worker,
            queues: vec!["default".to_owned()],
            names: names.clone(),
            free: names,
            limited: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_dropped_session_is_rescued_after_three_beats_and_an_open_one_is_not() {
        let memory = Memory::open("", Arc::new(Settings::default()));
        let (survivor, mut beating) = open(&memory).await;
        let (silent, open_session) = open(&memory).await;
        let (crashed, dropped) = open(&memory).await;
        drop(dropped);
        for worker in [silent, crashed] {
            let job = NewJob::new(NAME, json!({})).unwrap();
            memory.enqueue(vec![job]).await.unwrap();
            let claimed = memory.claim(&scope(worker), 1).await.unwrap();
            assert_eq!(claimed.len(), 1);
        }
        memory.advance(2 * INTERVAL);
        assert_eq!(beating.beat().await.unwrap().rescued, 0, "too early");
        memory.advance(2 * INTERVAL);
        assert_eq!(beating.beat().await.unwrap().rescued, 1);
        let stats = memory.stats().await.unwrap();
        let left: Vec<Uuid> = stats.workers.iter().map(|worker| worker.id).collect();
        assert_eq!(left, [survivor, silent]);
        // Who was taken for dead takes nothing, and finds its row gone.
        assert!(memory.claim(&scope(crashed), 1).await.unwrap().is_empty());
        let gone = WorkerRow {
            id: crashed,
            ..row()
        };
        let mut back = memory.resume_session(gone, Arc::new(|_| {})).await.unwrap();
        assert!(back.beat().await.unwrap().row_gone);
        drop(open_session);
    }
}
