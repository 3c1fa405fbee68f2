//! What operators see and do with dead letters.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::jobs::{DEFAULT_LIMIT, time};
use super::values::{Id, Json, Time};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};

const LIST: &str = include_str!("sql/list_dead_letters.sql");
const LIST_IDS: &str = include_str!("sql/list_dead_letter_ids.sql");
const GET: &str = include_str!("sql/get_dead_letter.sql");
const RESURRECT: &str = include_str!("sql/resurrect.sql");
const REPLAY: &str = include_str!("sql/replay.sql");
const DELETE: &str = "DELETE FROM soniq_dead_letter_jobs WHERE id = ?1";

pub(crate) fn list(
    connection: &Connection,
    filter: &DeadLetterFilter,
    now: Time,
) -> Result<Vec<DeadLetter>, Failure> {
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let mut statement = connection.prepare_cached(LIST)?;
    let before = filter.older_than.map(|age| now.minus(age));
    let wanted = params![filter.job_name, filter.queue, filter.reason, limit, before];
    let rows = statement.query_map(wanted, dead_letter)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn list_ids(
    connection: &Connection,
    filter: &DeadLetterFilter,
    now: Time,
) -> Result<Vec<Uuid>, Failure> {
    // A negative limit is none.
    let limit = filter.limit.map_or(-1, i64::from);
    let mut statement = connection.prepare_cached(LIST_IDS)?;
    let before = filter.older_than.map(|age| now.minus(age));
    let wanted = params![filter.job_name, filter.queue, filter.reason, limit, before];
    let rows = statement.query_map(wanted, |row| row.get(0))?;
    Ok(rows
        .map(|row| row.map(|Id(id)| id))
        .collect::<Result<_, _>>()?)
}

pub(crate) fn get(connection: &Connection, id: Uuid) -> Result<Option<DeadLetter>, Failure> {
    let mut statement = connection.prepare_cached(GET)?;
    Ok(statement.query_row([Id(id)], dead_letter).optional()?)
}

fn dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get::<_, Id>("id")?.0,
        job_name: row.get("job_name")?,
        args: row.get("args").map_or(Value::Null, |Json(args)| args),
        queue: row.get("queue")?,
        priority: row.get("priority")?,
        attempts: row.get("attempts")?,
        max_attempts: row.get("max_attempts")?,
        last_error: row.get("last_error")?,
        reason: row.get("dead_letter_reason")?,
        created_at: row.get::<_, Time>("original_created_at")?.0,
        dead_lettered_at: row.get::<_, Time>("moved_to_dead_letter_at")?.0,
        resurrection_count: row.get("resurrection_count")?,
        last_resurrection_at: time(row, "last_resurrection_at")?,
    })
}

/// A new queued job from a dead letter, which stays and counts it.
pub(crate) fn replay(
    change: &Change<'_>,
    id: Uuid,
    producer_id: &str,
) -> Result<Option<Uuid>, Failure> {
    let queue: Option<String> = change
        .query_row(RESURRECT, params![Id(id), change.now], |row| row.get(0))
        .optional()?;
    let Some(queue) = queue else {
        return Ok(None);
    };
    let new = Uuid::now_v7();
    change.execute(REPLAY, params![Id(id), Id(new), producer_id, change.now])?;
    change.wake(queue);
    Ok(Some(new))
}

/// Whether it was there.
pub(crate) fn delete(change: &Change<'_>, id: Uuid) -> Result<bool, Failure> {
    Ok(change.execute(DELETE, [Id(id)])? > 0)
}
