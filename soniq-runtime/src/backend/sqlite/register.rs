//! A worker's rows: who it is, and which tasks it handles.

use rusqlite::params;
use serde_json::json;
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, list};
use crate::backend::WorkerRow;
use crate::error::Error;

const REGISTER: &str = include_str!("sql/register_worker.sql");
const REGISTER_TASK: &str = include_str!("sql/register_task.sql");
const ADVERTISE: &str = include_str!("sql/advertise_file.sql");
const UNREGISTER: &str = "DELETE FROM soniq_workers WHERE id = ?1";
const UNREGISTER_TASKS: &str = "DELETE FROM soniq_task_registry WHERE worker_id = ?1";

/// Workers of one process beyond this many are refused.
const HOSTNAMES: u32 = 1000;

/// Writes the rows of a new worker. One that keeps no liveness file is rescued by its heartbeat alone.
pub(crate) fn register(
    change: &Change<'_>,
    worker: &WorkerRow,
    keeps_file: bool,
) -> Result<(), Failure> {
    let metadata = json!({
        "runtime": "soniq-rust",
        "heartbeat_interval": worker.heartbeat_interval.as_secs_f64(),
        "liveness_file": keeps_file,
    });
    let queues = list(&worker.queues);
    let concurrency = i32::try_from(worker.concurrency).unwrap_or(i32::MAX);
    let mut statement = change.prepare_cached(REGISTER)?;
    // (hostname, pid) is unique. A second worker of this process, and the row that a dead one left
    // under the same pid, are told apart by a number.
    let registered = (1..=HOSTNAMES).try_fold(false, |done, number| {
        if done {
            return Ok(true);
        }
        let hostname = match number {
            1 => worker.hostname.clone(),
            number => format!("{}#{number}", worker.hostname),
        };
        let rows = statement.execute(params![
            Id(worker.id),
            hostname,
            std::process::id(),
            queues,
            concurrency,
            env!("CARGO_PKG_VERSION"),
            Json(metadata.clone()),
            change.now,
        ])?;
        Ok::<_, Failure>(rows > 0)
    })?;
    if !registered {
        return Err(Failure::Other(Error::TooManyWorkers {
            hostname: worker.hostname.clone(),
        }));
    }
    let mut statement = change.prepare_cached(REGISTER_TASK)?;
    for (name, fingerprint) in &worker.tasks {
        statement.execute(params![name, Id(worker.id), change.now, fingerprint])?;
    }
    Ok(())
}

/// Says in a registered worker's row whether it keeps a liveness file.
pub(crate) fn advertise(
    change: &Change<'_>,
    worker: Uuid,
    keeps_file: bool,
) -> Result<(), Failure> {
    let mut statement = change.prepare_cached(ADVERTISE)?;
    statement.execute(params![Id(worker), Json(keeps_file.into())])?;
    Ok(())
}

/// Removes a worker's rows.
pub(crate) fn unregister(change: &Change<'_>, worker: Uuid) -> Result<(), Failure> {
    change.prepare_cached(UNREGISTER)?.execute([Id(worker)])?;
    change
        .prepare_cached(UNREGISTER_TASKS)?
        .execute([Id(worker)])?;
    Ok(())
}
