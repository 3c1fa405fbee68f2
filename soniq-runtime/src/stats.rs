//! Counts: what lies in the queues, who works on it, and what nobody handles.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A picture of the database at one moment; see [`Soniq::stats`](crate::Soniq::stats).
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// One entry per queue that has jobs, by name.
    pub queues: Vec<QueueStats>,
    /// Dead letters in all.
    pub dead_letters: i64,
    /// Workers that are registered, by their start.
    pub workers: Vec<WorkerStats>,
    /// Queued jobs that no live worker takes, by name and queue: what [`Fleet::unserved`](crate::Fleet)
    /// lists.
    pub unhandled: Vec<UnhandledStats>,
}

/// Jobs of one queue.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct QueueStats {
    /// The queue.
    pub queue: String,
    /// Whether nobody claims from it; see [`Queues::pause`](crate::Queues::pause).
    pub paused: bool,
    /// Queued and due.
    pub due: i64,
    /// Queued for later.
    pub scheduled: i64,
    /// Claimed.
    pub processing: i64,
    /// Finished and not yet deleted.
    pub done: i64,
    /// Called off and not yet deleted.
    pub cancelled: i64,
    /// Seconds since the oldest due job became due.
    pub oldest_due_seconds: Option<f64>,
}

/// A registered worker.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct WorkerStats {
    /// Its id: new with every start.
    pub id: Uuid,
    /// Where it runs.
    pub hostname: String,
    /// Its process.
    pub pid: i32,
    /// Its queues; empty for all, which only workers of Soniq for Python have.
    pub queues: Vec<String>,
    /// Jobs at once.
    pub concurrency: i32,
    /// active, stopping or stopped.
    pub status: String,
    /// Whether it ends what it has and claims nothing more. Its status stays active meanwhile.
    pub draining: bool,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// Seconds since its last heartbeat.
    pub heartbeat_age_seconds: f64,
    /// Jobs that it has claimed.
    pub processing: i64,
}

/// Queued jobs that no live worker takes: none handles the name and claims from the queue.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct UnhandledStats {
    /// The wire name.
    pub job_name: String,
    /// The queue.
    pub queue: String,
    /// How many are queued.
    pub queued: i64,
}

/// For a terminal: queues, workers, then what wants attention.
impl std::fmt::Display for Stats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.queues.is_empty() {
            writeln!(f, "no jobs")?;
        } else {
            writeln!(
                f,
                "{:<24} {:>9} {:>9} {:>10} {:>9} {:>9}  OLDEST DUE",
                "QUEUE", "DUE", "SCHEDULED", "PROCESSING", "DONE", "CANCELLED"
            )?;
        }
        for queue in &self.queues {
            let oldest = queue
                .oldest_due_seconds
                .map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1} s"));
            let paused = if queue.paused { "  paused" } else { "" };
            writeln!(
                f,
                "{:<24} {:>9} {:>9} {:>10} {:>9} {:>9}  {oldest}{paused}",
                queue.queue,
                queue.due,
                queue.scheduled,
                queue.processing,
                queue.done,
                queue.cancelled
            )?;
        }
        writeln!(f, "\ndead letters: {}", self.dead_letters)?;
        writeln!(f, "workers: {}", self.workers.len())?;
        for worker in &self.workers {
            let queues = if worker.queues.is_empty() {
                "all queues".to_owned()
            } else {
                worker.queues.join(",")
            };
            writeln!(
                f,
                "  {} {}:{} {} [{queues}] {} of {} running, heartbeat {:.1} s ago",
                worker.id,
                worker.hostname,
                worker.pid,
                if worker.draining {
                    "draining"
                } else {
                    &worker.status
                },
                worker.processing,
                worker.concurrency,
                worker.heartbeat_age_seconds
            )?;
        }
        if !self.unhandled.is_empty() {
            writeln!(f, "\nqueued, and no worker handles them:")?;
            for task in &self.unhandled {
                writeln!(f, "  {} in {}: {}", task.job_name, task.queue, task.queued)?;
            }
        }
        Ok(())
    }
}
