//! Transactions that one process at a time runs, and that wait for nobody without end.

use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::connect::failed;
use crate::error::Error;

const TRY_LOCK: &str = include_str!("sql/try_lock.sql");
const BOUND_LOCK_WAITS: &str = include_str!("sql/bound_lock_waits.sql");

/// How long each statement of a transaction may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Waiting for a lock that somebody else has.
    pub(crate) lock: Duration,
    /// As a whole.
    pub(crate) statement: Duration,
}

/// A transaction that holds the lock of `key` until it ends; `None` when somebody else has it.
pub(crate) async fn begin<'a>(
    client: &'a mut Client,
    key: i64,
    bounds: Bounds,
    doing: &'static str,
) -> Result<Option<Transaction<'a>>, Error> {
    let transaction = client.transaction().await.map_err(failed(doing))?;
    let row = transaction
        .query_typed_one(
            TRY_LOCK,
            &[
                (&key, Type::INT8),
                (&milliseconds(bounds.lock), Type::TEXT),
                (&milliseconds(bounds.statement), Type::TEXT),
            ],
        )
        .await
        .map_err(failed(doing))?;
    Ok(row.get::<_, bool>("locked").then_some(transaction))
}

/// Has no later statement of the transaction wait for a lock for longer than `patience`.
pub(crate) async fn bound_waits(
    transaction: &Transaction<'_>,
    patience: Duration,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .query_typed_one(BOUND_LOCK_WAITS, &[(&milliseconds(patience), Type::TEXT)])
        .await?;
    Ok(())
}

fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
