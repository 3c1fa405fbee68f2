//! Advisory locks of a transaction.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::connect::failed;
use crate::error::Error;

const TRY_LOCK: &str = include_str!("sql/try_lock.sql");

/// Takes the lock of `key` until the transaction ends; `false` when somebody else has it.
pub(crate) async fn try_lock(transaction: &Transaction<'_>, key: i64) -> Result<bool, Error> {
    let row = transaction
        .query_typed_one(TRY_LOCK, &[(&key, Type::INT8)])
        .await
        .map_err(failed("taking an advisory lock"))?;
    Ok(row.get(0))
}
