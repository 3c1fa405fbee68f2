//! Counts, for people and monitors.

use std::collections::BTreeMap;

use super::state::State;
use crate::jobs::Status;
use crate::stats::{QueueStats, Stats, UnhandledStats, WorkerStats};

pub(super) fn stats(state: &State) -> Stats {
    Stats {
        queues: queues(state),
        dead_letters: count(state.dead_letters.len()),
        workers: workers(state),
        unhandled: unhandled(state),
    }
}

fn queues(state: &State) -> Vec<QueueStats> {
    let now = state.now();
    let mut queues: BTreeMap<&str, QueueStats> = BTreeMap::new();
    for row in state.jobs.values() {
        let queue = queues.entry(&row.job.queue).or_insert_with(|| QueueStats {
            queue: row.job.queue.clone(),
            paused: state.paused.contains(&row.job.queue),
            ..QueueStats::default()
        });
        match row.job.status {
            Status::Queued if row.due() <= now => {
                queue.due += 1;
                let age = seconds(now - row.due());
                let oldest = queue.oldest_due_seconds.get_or_insert(age);
                *oldest = oldest.max(age);
            }
            Status::Queued => queue.scheduled += 1,
            Status::Processing => queue.processing += 1,
            Status::Done => queue.done += 1,
            Status::Cancelled => queue.cancelled += 1,
        }
    }
    queues.into_values().collect()
}

fn workers(state: &State) -> Vec<WorkerStats> {
    let now = state.now();
    let mut workers: Vec<WorkerStats> = state
        .workers
        .values()
        .map(|worker| {
            let id = worker.row.id;
            let processing = state.jobs.values().filter(|row| row.is_claimed_by(id));
            WorkerStats {
                id,
                hostname: worker.hostname.clone(),
                pid: super::pid(),
                queues: worker.row.queues.clone(),
                concurrency: i32::try_from(worker.row.concurrency).unwrap_or(i32::MAX),
                status: "active".to_owned(),
                started_at: worker.started_at,
                heartbeat_age_seconds: seconds(now - worker.last_heartbeat),
                processing: count(processing.count()),
            }
        })
        .collect();
    workers.sort_by_key(|worker| (worker.started_at, worker.id));
    workers
}

/// Queued names that no registered worker says it handles.
fn unhandled(state: &State) -> Vec<UnhandledStats> {
    let mut unhandled: BTreeMap<&str, i64> = BTreeMap::new();
    let queued = |row: &&super::state::Row| row.job.status == Status::Queued;
    for row in state.jobs.values().filter(queued) {
        let name = row.job.job_name.as_str();
        let mut workers = state.workers.values();
        if !workers.any(|worker| worker.handles(name)) {
            *unhandled.entry(name).or_default() += 1;
        }
    }
    let counts = unhandled.into_iter();
    let entry = |(name, queued): (&str, i64)| UnhandledStats {
        job_name: name.to_owned(),
        queued,
    };
    counts.map(entry).collect()
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn seconds(time: chrono::TimeDelta) -> f64 {
    time.as_seconds_f64()
}
