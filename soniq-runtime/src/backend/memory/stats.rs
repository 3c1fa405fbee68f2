//! Counts, for people and monitors.

use std::collections::BTreeMap;
use std::time::Duration;

use super::rows;
use super::state::State;
use crate::fleet::Unserved;
use crate::jobs::Status;
use crate::stats::{QueueStats, Stats, UnhandledStats, WorkerStats};

/// `patience` is how long a live worker may have been silent.
pub(super) fn stats(state: &State, patience: Duration) -> Stats {
    Stats {
        queues: queues(state),
        dead_letters: count(state.dead_letters.len()),
        workers: workers(state),
        unhandled: unhandled(state, patience),
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
                draining: worker.draining,
                started_at: worker.started_at,
                heartbeat_age_seconds: seconds(now - worker.last_heartbeat),
                processing: count(processing.count()),
            }
        })
        .collect();
    workers.sort_by_key(|worker| (worker.started_at, worker.id));
    workers
}

/// What is queued that no live worker takes.
fn unhandled(state: &State, patience: Duration) -> Vec<UnhandledStats> {
    let unserved = rows::unserved(state, patience).into_iter();
    let entry = |jobs: Unserved| UnhandledStats {
        job_name: jobs.task,
        queue: jobs.queue,
        queued: i64::try_from(jobs.count).unwrap_or(i64::MAX),
    };
    unserved.map(entry).collect()
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn seconds(time: chrono::TimeDelta) -> f64 {
    time.as_seconds_f64()
}
