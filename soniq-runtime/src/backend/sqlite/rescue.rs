//! Jobs of workers that died go back to the queue.

use std::time::Duration;

use rusqlite::{Row, ToSql, params};
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Time};
use super::{finish, register};
use crate::backend::orphan::Orphan;
use crate::backend::{Fence, Finish};

const IS_SILENT: &str = include_str!("sql/is_silent.sql");
const CLAIMS_OF_WORKER: &str = include_str!("sql/claims_of_worker.sql");
const ORPHANED_CLAIMS: &str = include_str!("sql/orphaned_claims.sql");

/// Rescues the claims of one dead worker and removes its row. Nothing happens when it beat within
/// `silent_for`, or when another worker was faster; `None` then.
pub(crate) fn rescue_worker(
    change: &Change<'_>,
    worker: Uuid,
    silent_for: Duration,
    default_max_attempts: i32,
) -> Result<Option<usize>, Failure> {
    let since = change.now.minus(silent_for);
    let silent = change
        .prepare_cached(IS_SILENT)?
        .exists(params![Id(worker), since])?;
    if !silent {
        return Ok(None);
    }
    let claims = rescue(
        change,
        CLAIMS_OF_WORKER,
        &[&Id(worker)],
        default_max_attempts,
    )?;
    register::unregister(change, worker)?;
    tracing::warn!(%worker, "removed a dead worker");
    Ok(Some(claims))
}

/// Rescues claims whose worker has no row: somebody removed it by hand.
pub(crate) fn rescue_orphans(
    change: &Change<'_>,
    default_max_attempts: i32,
) -> Result<usize, Failure> {
    rescue(change, ORPHANED_CLAIMS, &[], default_max_attempts)
}

fn rescue(
    change: &Change<'_>,
    statement: &str,
    parameters: &[&dyn ToSql],
    default_max_attempts: i32,
) -> Result<usize, Failure> {
    let mut statement = change.prepare_cached(statement)?;
    let claims = statement.query_map(parameters, orphan)?;
    let claims: Vec<Finish> = claims
        .map(|claim| claim.map(|orphan| orphan.verdict(default_max_attempts)))
        .collect::<Result<_, _>>()?;
    let finished = finish::finish(change, &claims)?;
    Ok(claims.len() - finished.lost.len())
}

fn orphan(row: &Row<'_>) -> rusqlite::Result<Orphan> {
    Ok(Orphan {
        fence: fence(row)?,
        max_attempts: row.get("max_attempts")?,
        solo: row.get("solo")?,
        called_off: row.get("called_off")?,
    })
}

/// The fence of a claim, as its row has it.
pub(super) fn fence(row: &Row<'_>) -> rusqlite::Result<Fence> {
    Ok(Fence {
        id: row.get::<_, Id>("id")?.0,
        worker: row.get::<_, Option<Id>>("worker_id")?.map(|Id(id)| id),
        claim_id: row.get("claim_id")?,
        attempts: row.get("attempts")?,
    })
}

/// A worker that has not beaten for longer than it should.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Silent {
    pub(crate) id: Uuid,
    pub(crate) last_heartbeat: Time,
    /// What its own beats are apart; `None` where it does not keep a liveness file.
    pub(crate) interval: Option<Duration>,
}

const SILENT_WORKERS: &str = include_str!("sql/silent_workers.sql");

/// Workers but `worker` that have not beaten since `since`.
pub(crate) fn silent(
    change: &Change<'_>,
    worker: Uuid,
    since: Time,
) -> Result<Vec<Silent>, Failure> {
    let mut statement = change.prepare_cached(SILENT_WORKERS)?;
    let rows = statement.query_map(params![Id(worker), since], |row| {
        let interval: Option<f64> = row.get("interval")?;
        Ok(Silent {
            id: row.get::<_, Id>("id")?.0,
            last_heartbeat: row.get("last_heartbeat")?,
            interval: interval.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
