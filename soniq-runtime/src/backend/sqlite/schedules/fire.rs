//! Enqueues what is due and moves it on.
//!
//! Invariant: a firing's job and the schedule's next time are written by one transaction. A schedule
//! that cannot fire is left as it is and stops no other.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::super::failure::Failure;
use super::super::file::Change;
use super::super::values::{Id, Json, Time};
use super::stored::{self, Stored};
use crate::args_hash::args_hash;
use crate::scheduler::{Due, FailedFiring, Fired, Firing, Rule};
use crate::schedules::RecurringJob;

const FIRE: &str = include_str!("../sql/fire_schedule.sql");
const ADVANCE_RECURRING: &str = include_str!("../sql/advance_recurring_job.sql");
const ADVANCE_SCHEDULE: &str = include_str!("../sql/advance_schedule.sql");
const NEXT_FIRING: &str = include_str!("../sql/next_firing.sql");

/// Fires what is due.
pub(crate) fn fire(change: &Change<'_>, producer_id: &str) -> Result<Fired, Failure> {
    let now = change.now.0;
    let mut fired = Fired {
        firings: Vec::new(),
        failures: Vec::new(),
        now,
    };
    let is_due = |schedule: &RecurringJob| schedule.next_run.is_none_or(|next| next <= now);
    for stored in stored::find(change, None)? {
        if !stored.is_active() || !is_due(&stored.schedule) {
            continue;
        }
        match plan(&stored.schedule, now) {
            Ok(due) => fired
                .firings
                .extend(write(change, &stored, &due, producer_id)?),
            Err(reason) => fired.failures.push(FailedFiring {
                schedule: stored.schedule.id,
                job_name: stored.schedule.job_name,
                reason,
            }),
        }
    }
    Ok(fired)
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
fn write(
    change: &Change<'_>,
    stored: &Stored,
    due: &Due,
    producer_id: &str,
) -> Result<Vec<Firing>, Failure> {
    let schedule = &stored.schedule;
    let hash = schedule.unique_job.then(|| args_hash(&schedule.args));
    let args = Json(schedule.args.clone());
    let mut firings = Vec::new();
    let mut statement = change.prepare_cached(FIRE)?;
    for time in &due.firings {
        let job_id = Uuid::now_v7();
        let rows = statement.execute(params![
            Id(job_id),
            schedule.job_name,
            args,
            schedule.queue,
            schedule.priority,
            schedule.max_attempts,
            producer_id,
            hash,
            change.now,
        ])?;
        if rows > 0 {
            change.wake(schedule.queue.as_str());
            firings.push(Firing {
                job_name: schedule.job_name.clone(),
                job_id,
                due: *time,
            });
        }
    }
    let advance = if stored.plain {
        ADVANCE_RECURRING
    } else {
        ADVANCE_SCHEDULE
    };
    let last = firings.last().map(|firing| Id(firing.job_id));
    let count = i64::try_from(firings.len()).unwrap_or(i64::MAX);
    change.execute(
        advance,
        params![Id(schedule.id), Time(due.next), count, last, change.now],
    )?;
    Ok(firings)
}

/// Until the next schedule fires of those due later than `after`; `None` is now.
pub(crate) fn next_firing(
    connection: &Connection,
    now: Time,
    after: Option<DateTime<Utc>>,
) -> Result<Option<Duration>, Failure> {
    let after = after.map_or(now, Time);
    let next: Option<Time> = connection
        .prepare_cached(NEXT_FIRING)?
        .query_row([after], |row| row.get(0))?;
    Ok(next.map(|next| now.until(next)))
}
