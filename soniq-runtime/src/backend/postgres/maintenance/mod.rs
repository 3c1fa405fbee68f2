//! Maintenance: what some process must do now and then, one duty a file.
//!
//! Workers whose heartbeat stopped are not among the duties: every worker's session looks for them
//! with each beat (`session.rs`).
//!
//! Invariant: each transaction of a pass holds the maintenance lock, is of at most [`BATCH`] rows,
//! and bounds its statements; any process may run a pass, one at a time does. A row that cannot be
//! swept stops no other, a duty that fails stops no other.

mod dead_letters;
mod expire;
mod orphans;
mod registry;
mod sweep;
#[cfg(all(test, feature = "testing"))]
mod tests;

use std::time::Duration;

use tokio_postgres::{Client, Transaction};

use super::lock::{self, Bounds};
use crate::advisory;
use crate::backend::Maintained;
use crate::error::Error;

/// Rows of one transaction.
const BATCH: i64 = 1000;

/// Rows that refuse to be swept are left out of the next batches; with so many of them a duty ends
/// until the next pass.
const MOST_REFUSED: usize = 10_000;

const BOUNDS: Bounds = Bounds {
    lock: Duration::from_secs(1),
    statement: Duration::from_secs(30),
};

/// One pass over all duties; `None` when another process is at it.
pub(crate) async fn maintain(
    client: &mut Client,
    default_max_attempts: i32,
    dead_letter_retention: Option<Duration>,
) -> Result<Option<Maintained>, Error> {
    // Each of them looks for the lock anew: this only says whether another pass is under way.
    if begin(client).await?.is_none() {
        return Ok(None);
    }
    let rescued = orphans::rescue(client, default_max_attempts).await;
    let unlisted = registry::sweep(client).await;
    let expired = expire::sweep(client).await;
    let purged = match dead_letter_retention {
        Some(retention) => dead_letters::sweep(client, retention).await,
        None => Ok(0),
    };
    if let Err(error) = unlisted {
        tracing::warn!(%error, "the task registry could not be swept");
    }
    Ok(Some(Maintained {
        rescued: rescued.unwrap_or_else(|error| {
            tracing::warn!(%error, "orphaned jobs could not be rescued");
            0
        }),
        expired: expired.unwrap_or_else(|error| {
            tracing::warn!(%error, "finished jobs could not be deleted");
            0
        }),
        purged: purged.unwrap_or_else(|error| {
            tracing::warn!(%error, "old dead letters could not be deleted");
            0
        }),
    }))
}

/// A transaction that holds the maintenance lock; `None` when another process has it.
async fn begin(client: &mut Client) -> Result<Option<Transaction<'_>>, Error> {
    lock::begin(client, advisory::maintenance(), BOUNDS, "cleaning up").await
}
