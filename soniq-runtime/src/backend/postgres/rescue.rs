//! Jobs of workers that died go back to the queue, and other housekeeping.

use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

use super::connect::failed;
use super::times::seconds;
use super::{finish, lock, register};
use crate::advisory;
use crate::backend::{Delay, Fence, Finish, Maintained, Outcome};
use crate::dead_letter::Reason;
use crate::error::Error;

const LOCK_WORKER: &str = include_str!("sql/lock_worker.sql");
const CLAIMS_OF_WORKER: &str = include_str!("sql/claims_of_worker.sql");
const ORPHANED_CLAIMS: &str = include_str!("sql/orphaned_claims.sql");
const SWEEP_REGISTRY: &str = include_str!("sql/sweep_registry.sql");
const EXPIRE: &str = include_str!("sql/expire.sql");

const CLEANING: &str = "cleaning up";

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
    let (rescued, unwritten) = rescue(&mut transaction, &rows, default_max_attempts).await?;
    let more = rows.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
    if unwritten == 0 && !more {
        register::unregister(&transaction, worker).await?;
        tracing::warn!(%worker, "removed a dead worker");
    } else {
        tracing::warn!(%worker, unwritten, "a dead worker still has jobs; trying again");
    }
    transaction.commit().await.map_err(failed(doing))?;
    Ok(rescued)
}

/// How many claims were rescued, and how many not yet, since somebody has their rows locked.
async fn rescue(
    transaction: &mut Transaction<'_>,
    rows: &[Row],
    default_max_attempts: i32,
) -> Result<(usize, usize), Error> {
    let claims: Vec<Finish> = rows
        .iter()
        .map(|row| verdict(row, default_max_attempts))
        .collect();
    let finished = finish::finish_in(transaction, &claims).await?;
    let rescued = claims.len() - finished.lost.len() - finished.unwritten.len();
    Ok((rescued, finished.unwritten.len()))
}

/// What becomes of a claim whose worker died: queued again with its attempts as they stand; at its
/// limit queued once more to run alone; and given up when it has been alone with its worker already.
///
/// A row that leaves its limit to the handler is judged by the rescuer's setting: the handler's
/// policy is known only to workers that have it, and a job must not crash them without end. Such a
/// job still runs once more alone, and there a failure is judged by the policy again.
///
/// A job that was called off goes nowhere: putting it back ends it as cancelled.
fn verdict(row: &Row, default_max_attempts: i32) -> Finish {
    let fence = Fence {
        id: row.get("id"),
        worker: row.get("worker_id"),
        claim_id: row.get("claim_id"),
        attempts: row.get("attempts"),
    };
    let max_attempts = row
        .get::<_, Option<i32>>("max_attempts")
        .unwrap_or(default_max_attempts);
    let at_limit = fence.attempts.unwrap_or(0) >= max_attempts;
    let was_solo = row.get::<_, Option<bool>>("solo").unwrap_or(false);
    let called_off = row.get::<_, Option<bool>>("called_off").unwrap_or(false);
    let outcome = if at_limit && was_solo && !called_off {
        Outcome::DeadLetter {
            reason: Reason::MaxRetriesExceeded,
            error: Some("its worker died while it ran alone".to_owned()),
            max_attempts,
        }
    } else {
        Outcome::Requeue {
            refund: false,
            delay: Delay::Keep,
            error: None,
            solo: at_limit,
        }
    };
    Finish::new(fence, outcome)
}

/// One pass over orphaned claims and expired rows, by one process at a time and in transactions of
/// at most [`BATCH`] rows each.
pub(crate) async fn maintain(
    client: &mut Client,
    default_max_attempts: i32,
) -> Result<Option<Maintained>, Error> {
    let mut done = Maintained::default();
    loop {
        let Some(transaction) = begin(client).await? else {
            return Ok(None);
        };
        let rescued = rescue_orphans(transaction, default_max_attempts).await?;
        done.rescued += rescued;
        if rescued < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    let Some(transaction) = begin(client).await? else {
        return Ok(Some(done));
    };
    sweep_registry(transaction).await?;
    loop {
        let Some(transaction) = begin(client).await? else {
            return Ok(Some(done));
        };
        let expired = expire(transaction).await?;
        done.expired += expired;
        if expired < BATCH.unsigned_abs() {
            return Ok(Some(done));
        }
    }
}

/// A transaction that holds the maintenance lock; `None` when another process has it.
async fn begin(client: &mut Client) -> Result<Option<Transaction<'_>>, Error> {
    let transaction = client.transaction().await.map_err(failed(CLEANING))?;
    let locked = lock::try_lock(&transaction, advisory::maintenance()).await?;
    Ok(locked.then_some(transaction))
}

/// Rows of workers that somebody removed without them.
async fn sweep_registry(transaction: Transaction<'_>) -> Result<(), Error> {
    transaction
        .execute_typed(SWEEP_REGISTRY, &[])
        .await
        .map_err(failed(CLEANING))?;
    transaction.commit().await.map_err(failed(CLEANING))
}

async fn rescue_orphans(
    mut transaction: Transaction<'_>,
    default_max_attempts: i32,
) -> Result<usize, Error> {
    let doing = "rescuing orphaned jobs";
    let rows = transaction
        .query_typed(ORPHANED_CLAIMS, &[(&BATCH, Type::INT8)])
        .await
        .map_err(failed(doing))?;
    let (rescued, _) = rescue(&mut transaction, &rows, default_max_attempts).await?;
    transaction.commit().await.map_err(failed(doing))?;
    Ok(rescued)
}

async fn expire(transaction: Transaction<'_>) -> Result<u64, Error> {
    let expired = transaction
        .execute_typed(EXPIRE, &[(&BATCH, Type::INT8)])
        .await
        .map_err(failed(CLEANING))?;
    transaction.commit().await.map_err(failed(CLEANING))?;
    Ok(expired)
}
