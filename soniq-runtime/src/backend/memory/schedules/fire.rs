//! Enqueues what is due and moves it on.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::enqueue::insert;
use super::super::state::{Row, State};
use crate::args_hash::args_hash;
use crate::scheduler::{Due, FailedFiring, Fired, Firing, Rule};
use crate::schedules::RecurringJob;

/// Fires what is due. A schedule that cannot fire is left as it is and stops no other.
pub(crate) fn fire(state: &mut State, producer_id: &str) -> Fired {
    let now = state.now();
    let mut fired = Fired {
        firings: Vec::new(),
        failures: Vec::new(),
        now,
    };
    let due: Vec<RecurringJob> = state
        .schedules
        .values()
        .filter(|schedule| schedule.is_active())
        .map(|schedule| &schedule.stored)
        .filter(|schedule| schedule.next_run.is_none_or(|next| next <= now))
        .cloned()
        .collect();
    for schedule in due {
        match plan(&schedule, now) {
            Ok(due) => fired
                .firings
                .extend(write(state, &schedule, &due, producer_id)),
            Err(reason) => fired.failures.push(FailedFiring {
                schedule: schedule.id,
                job_name: schedule.job_name,
                reason,
            }),
        }
    }
    fired
}

/// The reason, where the schedule cannot be read.
fn plan(schedule: &RecurringJob, now: DateTime<Utc>) -> Result<Due, String> {
    let rule = Rule::of(schedule)?;
    match schedule.next_run {
        Some(planned) => rule.due(planned, now, &schedule.catch_up),
        None => Ok(Due {
            firings: Vec::new(),
            next: rule.next_after(now)?,
        }),
    }
}

/// Writes the jobs of one schedule and moves it on. A firing that meets a queued twin is none: the
/// twin stands for it.
fn write(state: &mut State, schedule: &RecurringJob, due: &Due, producer_id: &str) -> Vec<Firing> {
    let mut firings = Vec::new();
    for time in &due.firings {
        let row = row(schedule, producer_id, state.now());
        let id = row.job.id;
        // Its id is new, so that nothing but a twin keeps it from being written.
        if insert(state, row).is_ok_and(|enqueued| !enqueued.is_duplicate()) {
            firings.push(Firing {
                job_name: schedule.job_name.clone(),
                job_id: id,
                due: *time,
            });
        }
    }
    let now = state.now();
    if let Some(own) = state.schedules.get_mut(&schedule.job_name) {
        let stored = &mut own.stored;
        stored.next_run = Some(due.next);
        let count = i32::try_from(firings.len()).unwrap_or(i32::MAX);
        stored.run_count = stored.run_count.saturating_add(count);
        if let Some(last) = firings.last() {
            stored.last_run = Some(now);
            stored.last_job_id = Some(last.job_id);
        }
    }
    firings
}

fn row(schedule: &RecurringJob, producer_id: &str, now: DateTime<Utc>) -> Row {
    let mut row = Row::queued(
        schedule.job_name.clone(),
        schedule.args.clone(),
        schedule.queue.clone(),
        producer_id,
        now,
    );
    row.job.max_attempts = Some(schedule.max_attempts);
    row.job.priority = schedule.priority;
    row.unique = schedule.unique_job;
    row.args_hash = row.unique.then(|| args_hash(&row.job.args));
    row
}

/// Until the next schedule fires of those due later than `after`; `None` is now.
pub(crate) fn next_firing(state: &State, after: Option<DateTime<Utc>>) -> Option<Duration> {
    let now = state.now();
    let after = after.unwrap_or(now);
    let active = state.schedules.values().filter(|own| own.is_active());
    let times = active.filter_map(|own| own.stored.next_run);
    let next = times.filter(|next| *next > after).min()?;
    Some((next - now).to_std().unwrap_or(Duration::ZERO))
}
