//! What operators see and do: jobs and dead letters.

use std::cmp::Reverse;
use std::time::Duration;

use uuid::Uuid;

use super::state::{News, Row, State};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};
use crate::jobs::{Job, JobFilter, Status};

const DEFAULT_LIMIT: u32 = 100;

/// Newest first.
pub(super) fn list_jobs(state: &State, filter: &JobFilter) -> Vec<Job> {
    let most = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let jobs = newest_jobs(state, filter).into_iter();
    jobs.take(count(most)).cloned().collect()
}

/// Newest first; all where the filter has no limit.
pub(super) fn list_job_ids(state: &State, filter: &JobFilter) -> Vec<Uuid> {
    let most = filter.limit.map_or(usize::MAX, count);
    let jobs = newest_jobs(state, filter).into_iter();
    jobs.take(most).map(|job| job.id).collect()
}

fn newest_jobs<'a>(state: &'a State, filter: &JobFilter) -> Vec<&'a Job> {
    let mut jobs: Vec<&Job> = state
        .jobs
        .values()
        .map(|row| &row.job)
        .filter(|job| wanted(filter.job_name.as_deref(), &job.job_name))
        .filter(|job| wanted(filter.queue.as_deref(), &job.queue))
        .filter(|job| filter.status.is_none_or(|status| job.status == status))
        .collect();
    jobs.sort_by_key(|job| Reverse((job.created_at, job.id)));
    jobs
}

pub(super) fn get_job(state: &State, id: Uuid) -> Option<Job> {
    state.jobs.get(&id).map(|row| row.job.clone())
}

/// Whether it was queued.
pub(super) fn cancel(state: &mut State, id: Uuid, ttl: Duration) -> bool {
    let (now, expires) = (state.now(), state.clock.after(ttl));
    let Some(row) = state.jobs.get_mut(&id) else {
        return false;
    };
    if row.job.status != Status::Queued {
        return false;
    }
    row.job.status = Status::Cancelled;
    row.job.expires_at = Some(expires);
    row.job.updated_at = Some(now);
    true
}

/// Whether it ran.
pub(super) fn call_off(state: &mut State, id: Uuid, ttl: Duration) -> bool {
    let now = state.now();
    let Some(row) = state.jobs.get_mut(&id) else {
        return false;
    };
    if row.job.status != Status::Processing {
        return false;
    }
    row.called_off = Some(ttl);
    row.job.updated_at = Some(now);
    state.tell(News::CalledOff(id));
    true
}

/// Whether it was there and did not run.
pub(super) fn delete_job(state: &mut State, id: Uuid) -> bool {
    let runs = |row: &Row| row.job.status == Status::Processing;
    if state.jobs.get(&id).is_none_or(runs) {
        return false;
    }
    state.jobs.remove(&id).is_some()
}

/// Newest first.
pub(super) fn list_dead_letters(state: &State, filter: &DeadLetterFilter) -> Vec<DeadLetter> {
    let most = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let letters = newest_first(state, filter).into_iter();
    letters.take(count(most)).cloned().collect()
}

/// Newest first; all where the filter has no limit.
pub(super) fn list_dead_letter_ids(state: &State, filter: &DeadLetterFilter) -> Vec<Uuid> {
    let most = filter.limit.map_or(usize::MAX, count);
    let letters = newest_first(state, filter).into_iter();
    letters.take(most).map(|letter| letter.id).collect()
}

fn newest_first<'a>(state: &'a State, filter: &DeadLetterFilter) -> Vec<&'a DeadLetter> {
    let before = filter.older_than.map(|age| state.clock.before(age));
    let mut letters: Vec<&DeadLetter> = state
        .dead_letters
        .values()
        .filter(|letter| wanted(filter.job_name.as_deref(), &letter.job_name))
        .filter(|letter| wanted(filter.queue.as_deref(), &letter.queue))
        .filter(|letter| wanted(filter.reason.as_deref(), &letter.reason))
        .filter(|letter| before.is_none_or(|before| letter.dead_lettered_at < before))
        .collect();
    letters.sort_by_key(|letter| Reverse((letter.dead_lettered_at, letter.id)));
    letters
}

/// A new queued job from a dead letter, which stays and counts it.
pub(super) fn replay(state: &mut State, id: Uuid, producer_id: &str) -> Option<Uuid> {
    let now = state.now();
    let letter = state.dead_letters.get_mut(&id)?;
    letter.resurrection_count += 1;
    letter.last_resurrection_at = Some(now);
    let mut row = Row::queued(
        letter.job_name.clone(),
        letter.args.clone(),
        letter.queue.clone(),
        producer_id,
        now,
    );
    row.job.max_attempts = Some(letter.max_attempts);
    row.job.priority = letter.priority;
    let new = row.job.id;
    state.tell_due(&row.job.queue);
    state.jobs.insert(new, row);
    Some(new)
}

fn wanted(asked: Option<&str>, found: &str) -> bool {
    asked.is_none_or(|asked| asked == found)
}

fn count(most: u32) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}
