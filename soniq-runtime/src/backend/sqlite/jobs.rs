//! What operators see and do with jobs.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, Time};
use crate::jobs::{Job, JobFilter, Status};

const LIST: &str = include_str!("sql/list_jobs.sql");
const LIST_IDS: &str = include_str!("sql/list_job_ids.sql");
const GET: &str = include_str!("sql/get_job.sql");
const CANCEL: &str = include_str!("sql/cancel.sql");
const CALL_OFF: &str = include_str!("sql/call_off.sql");
const DELETE: &str = "DELETE FROM soniq_jobs WHERE id = ?1 AND status <> 'processing'";

/// Entries of a list whose filter does not say.
pub(super) const DEFAULT_LIMIT: u32 = 100;

pub(crate) fn list(connection: &Connection, filter: &JobFilter) -> Result<Vec<Job>, Failure> {
    let status = filter.status.map(Status::as_str);
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let mut statement = connection.prepare_cached(LIST)?;
    let wanted = params![filter.job_name, filter.queue, status, limit];
    let rows = statement.query_map(wanted, job)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn list_ids(connection: &Connection, filter: &JobFilter) -> Result<Vec<Uuid>, Failure> {
    let status = filter.status.map(Status::as_str);
    // A negative limit is none.
    let limit = filter.limit.map_or(-1, i64::from);
    let mut statement = connection.prepare_cached(LIST_IDS)?;
    let wanted = params![filter.job_name, filter.queue, status, limit];
    let rows = statement.query_map(wanted, |row| row.get(0))?;
    Ok(rows
        .map(|row| row.map(|Id(id)| id))
        .collect::<Result<_, _>>()?)
}

pub(crate) fn get(connection: &Connection, id: Uuid) -> Result<Option<Job>, Failure> {
    let mut statement = connection.prepare_cached(GET)?;
    Ok(statement.query_row([Id(id)], job).optional()?)
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: row.get::<_, Id>("id")?.0,
        job_name: row.get("job_name")?,
        args: row.get("args").map_or(Value::Null, |Json(args)| args),
        // The table's check constraint knows no other text.
        status: row
            .get_ref("status")?
            .as_str()?
            .parse()
            .unwrap_or(Status::Queued),
        attempts: row.get("attempts")?,
        max_attempts: row.get("max_attempts")?,
        queue: row.get("queue")?,
        priority: row.get("priority")?,
        scheduled_at: time(row, "scheduled_at")?,
        expires_at: time(row, "expires_at")?,
        last_error: row.get("last_error")?,
        result: row
            .get::<_, Option<Json>>("result")
            .unwrap_or_default()
            .map(|Json(result)| result),
        producer_id: row.get("producer_id")?,
        worker_id: row.get::<_, Option<Id>>("worker_id")?.map(|Id(id)| id),
        dedup_key: row.get("dedup_key")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// The time in a column that may be null.
pub(super) fn time(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<chrono::DateTime<chrono::Utc>>> {
    let time: Option<Time> = row.get(column)?;
    Ok(time.map(|Time(time)| time))
}

/// Cancels a queued job; whether it was one.
pub(crate) fn cancel(change: &Change<'_>, id: Uuid, ttl: Duration) -> Result<bool, Failure> {
    let expires_at = change.now.plus(ttl);
    Ok(change.execute(CANCEL, params![Id(id), expires_at, change.now])? > 0)
}

/// Marks a running job as called off; whether it ran.
pub(crate) fn call_off(change: &Change<'_>, id: Uuid, ttl: Duration) -> Result<bool, Failure> {
    let kept = ttl.min(crate::backend::LONGEST_DELAY).as_secs_f64();
    Ok(change.execute(CALL_OFF, params![Id(id), kept, change.now])? > 0)
}

/// Whether it was there and did not run.
pub(crate) fn delete(change: &Change<'_>, id: Uuid) -> Result<bool, Failure> {
    Ok(change.execute(DELETE, [Id(id)])? > 0)
}
