//! Writes new jobs.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, Time};
use crate::args_hash::args_hash;
use crate::enqueue::{Due, Enqueued, NewJob};
use crate::error::Error;
use crate::settings::Settings;

const INSERT: &str = include_str!("sql/insert.sql");
const TWIN: &str = include_str!("sql/twin.sql");

/// Writes one job, unless a queued twin holds its key.
pub(crate) fn insert(
    change: &Change<'_>,
    job: NewJob,
    settings: &Settings,
) -> Result<Enqueued, Failure> {
    let hash = job.unique.then(|| args_hash(&job.args));
    let twin = change
        .prepare_cached(TWIN)?
        .query_row(params![job.dedup_key, job.name, hash], |row| row.get(0))
        .optional()?;
    if let Some(Id(twin)) = twin {
        return Ok(Enqueued::new(twin, true));
    }
    let queue = job.queue.unwrap_or_else(|| "default".to_owned());
    let due = job.due.map(|due| match due {
        Due::At(time) => Time(time),
        Due::After(delay) => change.now.plus(delay),
    });
    let fingerprint = job
        .fingerprint
        .map(|text| Json(json!({ "fingerprint": text })));
    let written = change.prepare_cached(INSERT)?.execute(params![
        Id(job.id),
        job.name,
        Json(job.args),
        hash,
        queue,
        job.priority.unwrap_or(settings.priority),
        job.max_attempts
            .unwrap_or_else(|| settings.default_max_attempts()),
        job.unique,
        job.dedup_key,
        due,
        settings.producer_id,
        fingerprint,
        change.now,
    ])?;
    if written == 0 {
        return Err(Failure::Other(Error::IdTaken {
            task: job.name,
            id: job.id,
        }));
    }
    change.wake(queue);
    Ok(Enqueued::new(job.id, false))
}
