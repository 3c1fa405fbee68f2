//! Takes due jobs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::state::{Row, State};
use crate::backend::{ClaimScope, ClaimedJob, Peek};
use crate::jobs::Status;

/// Up to `limit` due jobs of tasks without a limit, in the order in which they should run.
pub(super) fn claim(state: &mut State, scope: &ClaimScope, limit: usize) -> Vec<ClaimedJob> {
    let due = due(state, scope, &scope.free, false);
    take(state, scope.worker, &first(due, limit))
}

/// One job on its last try after its worker died; it runs with nothing beside it.
pub(super) fn claim_solo(state: &mut State, scope: &ClaimScope) -> Option<ClaimedJob> {
    let due = due(state, scope, &scope.free, true).into_iter();
    // By id rather than by when it is due: all of them have waited before.
    let first = due.min_by_key(|turn| (turn.priority, turn.id))?;
    take(state, scope.worker, &[first.id]).pop()
}

/// When it is a job's turn, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    priority: i32,
    due: DateTime<Utc>,
    pub(super) id: Uuid,
}

/// Due jobs of these names in the scope's open queues.
pub(super) fn due(state: &State, scope: &ClaimScope, names: &[String], solo: bool) -> Vec<Turn> {
    let now = state.now();
    let rows = open(state, scope, names);
    let due = rows.filter(|row| row.solo == solo && row.due() <= now);
    let turns = due.map(|row| Turn {
        priority: row.job.priority,
        due: row.due(),
        id: row.job.id,
    });
    turns.collect()
}

/// The first of them in the order of their turns. Of a long queue little is sorted.
fn first(mut turns: Vec<Turn>, limit: usize) -> Vec<Uuid> {
    if turns.len() > limit {
        turns.select_nth_unstable(limit);
        turns.truncate(limit);
    }
    turns.sort_unstable();
    turns.into_iter().map(|turn| turn.id).collect()
}

/// Queued jobs of these names in queues of the scope that are not paused.
fn open<'a>(
    state: &'a State,
    scope: &'a ClaimScope,
    names: &'a [String],
) -> impl Iterator<Item = &'a Row> {
    state.jobs.values().filter(move |row| {
        let job = &row.job;
        job.status == Status::Queued
            && scope.queues.contains(&job.queue)
            && !state.paused.contains(&job.queue)
            && names.contains(&job.job_name)
    })
}

/// Claims these jobs. A worker whose row is gone was taken for dead and takes nothing.
pub(super) fn take(state: &mut State, worker: Uuid, jobs: &[Uuid]) -> Vec<ClaimedJob> {
    if jobs.is_empty() || !state.workers.contains_key(&worker) {
        return Vec::new();
    }
    let claim_id = state.next_claim();
    let now = state.now();
    let mut claimed = Vec::with_capacity(jobs.len());
    for id in jobs {
        let Some(row) = state.jobs.get_mut(id) else {
            continue;
        };
        row.claim_id = Some(claim_id);
        let job = &mut row.job;
        job.status = Status::Processing;
        job.attempts = job.attempts.saturating_add(1);
        job.worker_id = Some(worker);
        job.updated_at = Some(now);
        claimed.push(ClaimedJob {
            fence: row.fence(),
            name: row.job.job_name.clone(),
            args: Ok(row.job.args.clone()),
            // They are in this process already.
            size: 0,
            max_attempts: row.job.max_attempts,
            queue: row.job.queue.clone(),
            created_at: row.job.created_at.unwrap_or(now),
            solo: row.solo,
        });
    }
    claimed
}

/// What a worker that found too little asks before it sleeps.
pub(super) fn peek(state: &State, scope: &ClaimScope) -> Peek {
    let now = state.now();
    let later = open(state, scope, &scope.names).filter_map(|row| row.job.scheduled_at);
    let next = later.filter(|time| *time > now).min();
    Peek {
        next_due: next.and_then(|time| (time - now).to_std().ok()),
        solo: open(state, scope, &scope.names).any(|row| row.solo && row.due() <= now),
        under_way: None,
    }
}
