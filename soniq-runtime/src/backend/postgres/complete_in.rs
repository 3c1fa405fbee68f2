//! Completes a job in a transaction that its handler has opened.

use deadpool_postgres::Transaction as PooledTransaction;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::connect::failed;
use super::times::seconds;
use crate::complete::{Completer, Completion};
use crate::error::Error;

const COMPLETE_IN: &str = include_str!("sql/complete_in.sql");

impl Completer for &Transaction<'_> {
    async fn complete(self, completion: Completion) -> Result<bool, Error> {
        let Completion { fence, result, ttl } = completion;
        let row = self
            .query_typed_opt(
                COMPLETE_IN,
                &[
                    (&fence.id, Type::UUID),
                    (&fence.worker, Type::UUID),
                    (&fence.claim_id, Type::INT8),
                    (&fence.attempts, Type::INT4),
                    (&result, Type::JSONB),
                    (&seconds(ttl), Type::FLOAT8),
                ],
            )
            .await
            .map_err(failed("completing a job"))?;
        Ok(row.is_some())
    }
}

impl Completer for &PooledTransaction<'_> {
    async fn complete(self, completion: Completion) -> Result<bool, Error> {
        let transaction: &Transaction<'_> = self;
        transaction.complete(completion).await
    }
}
