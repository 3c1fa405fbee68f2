//! Counts for people and monitors.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::failure::Failure;
use super::rows;
use super::values::{Id, Json, Time};
use crate::stats::{QueueStats, Stats, UnhandledStats, WorkerStats};

const QUEUES: &str = include_str!("sql/stats_queues.sql");
const WORKERS: &str = include_str!("sql/stats_workers.sql");
const DEAD_LETTERS: &str = "SELECT count(*) FROM soniq_dead_letter_jobs";

/// `patience` is how long a live worker may have been silent.
pub(crate) fn stats(
    connection: &Connection,
    now: Time,
    patience: Duration,
) -> Result<Stats, Failure> {
    let mut queues = connection.prepare_cached(QUEUES)?;
    let queues = queues.query_map(params![now], |row| {
        let oldest: Option<Time> = row.get("oldest_due")?;
        Ok(QueueStats {
            queue: row.get("queue")?,
            paused: row.get("paused")?,
            due: row.get("due")?,
            scheduled: row.get("scheduled")?,
            processing: row.get("processing")?,
            done: row.get("done")?,
            cancelled: row.get("cancelled")?,
            oldest_due_seconds: oldest.map(|oldest| now.seconds_since(oldest)),
        })
    })?;
    let mut workers = connection.prepare_cached(WORKERS)?;
    let workers = workers.query_map([], |row| {
        let last: Time = row.get("last_heartbeat")?;
        Ok(WorkerStats {
            id: row.get::<_, Id>("id")?.0,
            hostname: row.get("hostname")?,
            pid: row.get("pid")?,
            queues: queue_names(row)?,
            concurrency: row.get("concurrency")?,
            status: row.get("status")?,
            draining: row.get("draining")?,
            started_at: row.get::<_, Time>("started_at")?.0,
            heartbeat_age_seconds: now.seconds_since(last),
            processing: row.get("processing")?,
        })
    })?;
    let unserved = rows::unserved(connection, now, patience)?;
    let unhandled = unserved.into_iter().map(|jobs| UnhandledStats {
        job_name: jobs.task,
        queue: jobs.queue,
        queued: i64::try_from(jobs.count).unwrap_or(i64::MAX),
    });
    Ok(Stats {
        queues: queues.collect::<Result<_, _>>()?,
        dead_letters: connection.query_row(DEAD_LETTERS, [], |row| row.get(0))?,
        workers: workers.collect::<Result<_, _>>()?,
        unhandled: unhandled.collect(),
    })
}

/// The queues of a worker's row.
pub(super) fn queue_names(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let Json(queues) = row.get("queues")?;
    Ok(serde_json::from_value(queues).unwrap_or_default())
}
