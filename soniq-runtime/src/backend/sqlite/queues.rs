//! Pauses and resumes queues.

use rusqlite::{Connection, params};

use super::failure::Failure;
use super::file::Change;

const PAUSE: &str = include_str!("sql/pause_queue.sql");
const RESUME: &str = "DELETE FROM soniq_paused_queues WHERE queue = ?1";
const PAUSED: &str = "SELECT queue FROM soniq_paused_queues ORDER BY queue";

pub(crate) fn pause(change: &Change<'_>, queue: &str) -> Result<bool, Failure> {
    Ok(change.execute(PAUSE, params![queue, change.now])? > 0)
}

pub(crate) fn resume(change: &Change<'_>, queue: &str) -> Result<bool, Failure> {
    // What lies in the queue is due as far as its workers are concerned.
    change.wake(queue);
    Ok(change.execute(RESUME, [queue])? > 0)
}

pub(crate) fn paused(connection: &Connection) -> Result<Vec<String>, Failure> {
    let mut statement = connection.prepare_cached(PAUSED)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
