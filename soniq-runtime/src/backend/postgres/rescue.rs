//! Jobs of workers that died go back to the queue.

use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

use super::connect::{failed, is_of_a_row};
use super::times::seconds;
use super::{finish, register};
use crate::backend::orphan::Orphan;
use crate::backend::{Fence, Finish};
use crate::error::Error;

const LOCK_WORKER: &str = include_str!("sql/lock_worker.sql");
const CLAIMS_OF_WORKER: &str = include_str!("sql/claims_of_worker.sql");

/// Rows of one bounded transaction.
const BATCH: i64 = 1000;

/// Rescues the claims of one dead worker and removes its row, in one transaction. At most
/// [`BATCH`] claims at a time: the row stays until there are no more. Nothing happens when it beat within `silent_for`, or when another worker is at it.
pub(crate) async fn rescue_worker(
    client: &mut Client,
    worker: Uuid,
    silent_for: Duration,
    default_max_attempts: i32,
) -> Result<usize, Error> {
    let doing = "rescuing a dead worker's jobs";
    let mut transaction = client.transaction().await.map_err(failed(doing))?;
    let locked = transaction
        .query_typed_opt(
            LOCK_WORKER,
            &[(&worker, Type::UUID), (&seconds(silent_for), Type::FLOAT8)],
        )
        .await
        .map_err(failed(doing))?;
    if locked.is_none() {
        return Ok(0);
    }
    let rows = transaction
        .query_typed(
            CLAIMS_OF_WORKER,
            &[(&worker, Type::UUID), (&BATCH, Type::INT8)],
        )
        .await
        .map_err(failed(doing))?;
    let done = rescue(&mut transaction, &rows, default_max_attempts).await?;
    let more = rows.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
    if done.left.is_empty() && !more {
        remove(&mut transaction, worker).await?;
    } else {
        let left = done.left.len();
        tracing::warn!(%worker, left, "a dead worker still has jobs; trying again");
    }
    transaction.commit().await.map_err(failed(doing))?;
    Ok(done.rescued)
}

/// Removes the worker's rows. Its jobs are rescued, whether or not something refuses this.
async fn remove(transaction: &mut Transaction<'_>, worker: Uuid) -> Result<(), Error> {
    let doing = "removing a dead worker";
    let savepoint = transaction.transaction().await.map_err(failed(doing))?;
    match register::unregister(&savepoint, worker).await {
        Ok(()) => {
            savepoint.commit().await.map_err(failed(doing))?;
            tracing::warn!(%worker, "removed a dead worker");
        }
        Err(error) => {
            savepoint.rollback().await.map_err(failed(doing))?;
            tracing::warn!(%worker, %error, "a dead worker's row could not be removed");
        }
    }
    Ok(())
}

/// What a rescue did.
#[derive(Debug, Default)]
pub(crate) struct Rescue {
    pub(crate) rescued: usize,
    /// Jobs that could not be put back yet: somebody has their rows locked, or refuses the change.
    pub(crate) left: Vec<Uuid>,
}

/// Ends the claims in `rows` as [`verdict`] says: all at once, and where that is refused each half
/// by itself, down to the single row that is to blame.
pub(crate) async fn rescue(
    transaction: &mut Transaction<'_>,
    rows: &[Row],
    default_max_attempts: i32,
) -> Result<Rescue, Error> {
    let mut done = Rescue::default();
    let claims: Vec<Finish> = rows
        .iter()
        .map(|row| verdict(row, default_max_attempts))
        .collect();
    let mut parts = vec![claims];
    while let Some(mut part) = parts.pop() {
        let unwritten = match finish::finish_in(transaction, &part).await {
            Ok(finished) => {
                done.rescued += part.len() - finished.lost.len() - finished.unwritten.len();
                finished.unwritten
            }
            Err(Error::Database { source, .. }) if is_of_a_row(&source) => {
                if let [claim] = part.as_slice() {
                    tracing::warn!(job = %claim.fence.id, error = %source, "a job cannot be rescued");
                }
                part.iter().map(|claim| claim.fence).collect()
            }
            Err(error) => return Err(error),
        };
        part.retain(|claim| unwritten.contains(&claim.fence));
        match part.as_slice() {
            [] => {}
            [claim] => done.left.push(claim.fence.id),
            _ => {
                let second = part.split_off(part.len() / 2);
                parts.extend([second, part]);
            }
        }
    }
    Ok(done)
}

/// What becomes of the claim in `row`.
fn verdict(row: &Row, default_max_attempts: i32) -> Finish {
    let orphan = Orphan {
        fence: Fence {
            id: row.get("id"),
            worker: row.get("worker_id"),
            claim_id: row.get("claim_id"),
            attempts: row.get("attempts"),
        },
        max_attempts: row.get("max_attempts"),
        solo: row.get::<_, Option<bool>>("solo").unwrap_or(false),
        called_off: row.get::<_, Option<bool>>("called_off").unwrap_or(false),
    };
    orphan.verdict(default_max_attempts)
}
