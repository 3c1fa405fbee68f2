//! What lies there: counts, every row, and who would run it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::schedules::is_plain;
use super::session::Registered;
use super::state::State;
use crate::fleet::{Fleet, FleetWorker, Unserved};
use crate::jobs::Status;
use crate::rows::{Census, Moment, StoredRow, Table, TableRows};

/// A row that may run, and when its arguments were written.
struct Found {
    row: StoredRow,
    written: Option<DateTime<Utc>>,
}

/// Rows that have yet to run, or may run again. What is done or cancelled never does.
fn found(state: &State) -> impl Iterator<Item = Found> {
    let open = |status| matches!(status, Status::Queued | Status::Processing);
    let jobs = state.jobs.values().map(|row| &row.job);
    let jobs = jobs.filter(move |job| open(job.status)).map(|job| {
        let row = StoredRow {
            table: Table::Jobs,
            id: job.id,
            task: job.job_name.clone(),
            args: Ok(job.args.clone()),
        };
        (row, job.created_at)
    });
    let letters = state.dead_letters.values().map(|letter| {
        let row = StoredRow {
            table: Table::DeadLetters,
            id: letter.id,
            task: letter.job_name.clone(),
            args: Ok(letter.args.clone()),
        };
        (row, Some(letter.created_at))
    });
    let schedules = state.schedules.values().map(|schedule| {
        let schedule = &schedule.stored;
        let row = StoredRow {
            table: if is_plain(schedule) {
                Table::RecurringJobs
            } else {
                Table::Schedules
            },
            id: schedule.id,
            task: schedule.job_name.clone(),
            args: Ok(schedule.args.clone()),
        };
        (row, schedule.created_at)
    });
    let all = jobs.chain(letters).chain(schedules);
    all.map(|(row, written)| Found { row, written })
}

pub(super) fn census(state: &State, name: &str) -> Census {
    let mut counts: BTreeMap<(String, Table), TableRows> = BTreeMap::new();
    for Found { row, written } in found(state) {
        let rows = counts
            .entry((row.task.clone(), row.table))
            .or_insert_with(|| TableRows {
                task: row.task,
                table: row.table,
                count: 0,
                oldest: None,
                newest: None,
            });
        rows.count += 1;
        rows.oldest = rows.oldest.into_iter().chain(written).min();
        rows.newest = rows.newest.max(written);
    }
    Census::new(moment(state, name), counts.into_values().collect())
}

/// The rows of these tasks.
pub(super) fn of_tasks(state: &State, names: &[String]) -> Vec<StoredRow> {
    let rows = found(state).map(|found| found.row);
    rows.filter(|row| names.contains(&row.task)).collect()
}

/// The workers that were silent for no longer than `patience`.
fn live(state: &State, patience: Duration) -> Vec<&Registered> {
    let silent_since = state.clock.before(patience);
    let workers = state.workers.values();
    workers
        .filter(|worker| worker.last_heartbeat >= silent_since)
        .collect()
}

/// `patience` is how long a live worker may have been silent.
pub(super) fn fleet(state: &State, name: &str, patience: Duration) -> Fleet {
    let live = live(state, patience);
    let mut workers: Vec<FleetWorker> = live
        .iter()
        .map(|worker| FleetWorker {
            id: worker.row.id,
            hostname: worker.hostname.clone(),
            pid: super::pid(),
            queues: worker.row.queues.clone(),
            release: Some(env!("CARGO_PKG_VERSION").to_owned()),
            runtime: "soniq-rust".to_owned(),
            draining: worker.draining,
            last_seen: Some(worker.last_heartbeat),
        })
        .collect();
    workers.sort_by(|a, b| (&a.hostname, a.id).cmp(&(&b.hostname, b.id)));
    let registered = live.iter().flat_map(|worker| {
        let tasks = worker.row.tasks.iter();
        tasks.map(|(task, fingerprint)| (task.clone(), worker.row.id, Some(fingerprint.clone())))
    });
    let registered = registered.collect();
    let unserved = unserved(state, patience);
    Fleet::new(moment(state, name), workers, registered, unserved)
}

/// Queued jobs that no live worker takes, by name and queue. One that drains takes none.
pub(super) fn unserved(state: &State, patience: Duration) -> Vec<Unserved> {
    let live = live(state, patience);
    let mut unserved: BTreeMap<(&str, &str), Unserved> = BTreeMap::new();
    let jobs = state.jobs.values().map(|row| &row.job);
    for job in jobs.filter(|job| job.status == Status::Queued) {
        let is_served = live
            .iter()
            .filter(|worker| !worker.draining)
            .any(|worker| worker.handles(&job.job_name) && worker.row.queues.contains(&job.queue));
        if is_served {
            continue;
        }
        let left = unserved
            .entry((&job.job_name, &job.queue))
            .or_insert_with(|| Unserved {
                task: job.job_name.clone(),
                queue: job.queue.clone(),
                count: 0,
                oldest: None,
            });
        left.count += 1;
        left.oldest = left.oldest.into_iter().chain(job.created_at).min();
    }
    unserved.into_values().collect()
}

fn moment(state: &State, name: &str) -> Moment {
    Moment {
        database: name.to_owned(),
        taken_at: state.now(),
    }
}
