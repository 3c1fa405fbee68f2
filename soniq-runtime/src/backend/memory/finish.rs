//! Ends claims, each behind its fence.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::fault::Fault;
use super::state::{Row, State};
use crate::backend::{Delay, Fence, Finish, Finished, Outcome};
use crate::dead_letter::{DeadLetter, Reason};
use crate::error::Error;
use crate::jobs::Status;

/// Ends what a worker has run.
pub(super) fn finish(state: &mut State, claims: &[Finish]) -> Result<Finished, Error> {
    let completes = |claim: &Finish| matches!(claim.outcome, Outcome::Complete { .. });
    if claims.iter().any(completes) {
        state.faults.strike(Fault::Completion)?;
    }
    Ok(settle(state, claims))
}

/// Ends those of `claims` that still hold. Nobody's lock is in the way here, so none stays unwritten.
pub(super) fn settle(state: &mut State, claims: &[Finish]) -> Finished {
    let (held, lost): (Vec<&Finish>, Vec<&Finish>) =
        claims.iter().partition(|claim| holds(state, claim.fence));
    let mut back: Vec<&Finish> = Vec::new();
    for claim in held {
        match &claim.outcome {
            Outcome::Complete { result, ttl } => {
                complete(state, claim.fence.id, result.clone(), *ttl);
            }
            Outcome::DeadLetter {
                reason,
                error,
                max_attempts,
            } => dead_letter(state, claim.fence.id, *reason, error.clone(), *max_attempts),
            Outcome::Requeue { .. } => back.push(claim),
        }
    }
    requeue(state, back);
    Finished {
        lost: lost.into_iter().map(|claim| claim.fence).collect(),
        unwritten: Vec::new(),
    }
}

fn holds(state: &State, fence: Fence) -> bool {
    let row = state.jobs.get(&fence.id);
    row.is_some_and(|row| row.job.status == Status::Processing && row.fence() == fence)
}

fn complete(state: &mut State, id: Uuid, result: Option<Value>, ttl: Duration) {
    if ttl.is_zero() {
        state.jobs.remove(&id);
        return;
    }
    let (now, expires) = (state.now(), state.clock.after(ttl));
    if let Some(row) = state.jobs.get_mut(&id) {
        row.claim_id = None;
        row.job.status = Status::Done;
        row.job.result = result;
        row.job.expires_at = Some(expires);
        row.job.worker_id = None;
        row.job.updated_at = Some(now);
    }
}

/// Never in both tables, never in neither.
pub(super) fn dead_letter(
    state: &mut State,
    id: Uuid,
    reason: Reason,
    error: Option<String>,
    max_attempts: i32,
) {
    let now = state.now();
    let Some(Row { job, .. }) = state.jobs.remove(&id) else {
        return;
    };
    let letter = DeadLetter {
        id,
        job_name: job.job_name,
        args: job.args,
        queue: job.queue,
        priority: job.priority,
        attempts: job.attempts,
        max_attempts: job.max_attempts.unwrap_or(max_attempts),
        last_error: error.or(job.last_error),
        reason: reason.as_str().to_owned(),
        created_at: job.created_at.unwrap_or(now),
        dead_lettered_at: now,
        resurrection_count: 0,
        last_resurrection_at: None,
    };
    state.dead_letters.insert(id, letter);
}

/// Retry, snooze, release and rescue. A row whose key a queued twin holds by now, or one that comes
/// back before it here, keeps its place and gives up its key.
fn requeue(state: &mut State, mut claims: Vec<&Finish>) {
    claims.sort_by_key(|claim| claim.fence.id);
    let rows: Vec<&Row> = claims
        .iter()
        .filter_map(|claim| state.jobs.get(&claim.fence.id))
        .collect();
    let gives_up_key: Vec<bool> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let is_second = rows[..place].iter().any(|other| other.is_twin_of(row));
            is_second || state.twin_of(row).is_some()
        })
        .collect();
    for (claim, gives_up_key) in claims.into_iter().zip(gives_up_key) {
        put_back(state, claim, gives_up_key);
    }
}

fn put_back(state: &mut State, claim: &Finish, gives_up_key: bool) {
    let Outcome::Requeue {
        refund,
        delay,
        error,
        solo,
    } = &claim.outcome
    else {
        return;
    };
    let now = state.now();
    let Some(row) = state.jobs.get_mut(&claim.fence.id) else {
        return;
    };
    let called_off = row.called_off.take();
    row.claim_id = None;
    row.solo = *solo;
    let job = &mut row.job;
    job.status = match called_off {
        None => Status::Queued,
        Some(_) => Status::Cancelled,
    };
    if let Some(ttl) = called_off {
        job.expires_at = Some(state.clock.after(ttl));
    }
    job.attempts -= i32::from(*refund);
    match delay {
        Delay::Keep => {}
        Delay::None => job.scheduled_at = None,
        Delay::For(delay) => job.scheduled_at = Some(state.clock.after(*delay)),
    }
    if error.is_some() {
        job.last_error.clone_from(error);
    }
    job.worker_id = None;
    job.updated_at = Some(now);
    if gives_up_key {
        job.dedup_key = None;
        row.unique = false;
    }
    let queue = row.job.queue.clone();
    state.tell_due(&queue);
}

/// Gives back what `worker` has claimed and does not know of; how many jobs that were.
pub(super) fn release_unknown(state: &mut State, worker: Uuid, known: &[Fence]) -> usize {
    let is_known = |fence: Fence| {
        let same = |known: &Fence| known.id == fence.id && known.claim_id == fence.claim_id;
        known.iter().any(same)
    };
    let claims: Vec<Finish> = state
        .jobs
        .values()
        .filter(|row| row.is_claimed_by(worker) && !is_known(row.fence()))
        .map(|row| {
            let outcome = Outcome::Requeue {
                refund: true,
                delay: Delay::For(Duration::ZERO),
                error: None,
                solo: row.solo,
            };
            Finish::new(row.fence(), outcome)
        })
        .collect();
    claims.len() - settle(state, &claims).lost.len()
}
