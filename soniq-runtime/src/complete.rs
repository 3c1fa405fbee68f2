//! Completes a job in the handler's own transaction: what the handler wrote and that the job is
//! done commit together, or neither does.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::backend::Fence;
use crate::check::{self, Checked};
use crate::error::Error;
use crate::job::JobContext;

/// A transaction in which a job can be completed: `&tokio_postgres::Transaction`,
/// `&deadpool_postgres::Transaction`, and behind features `&mut sqlx::Transaction`,
/// `&sea_orm::DatabaseTransaction` and `&mut diesel_async::AsyncPgConnection`. Not a bare connection,
/// where each statement commits alone: that does not compile, or is [`Error::NoTransaction`] with
/// diesel-async, which has one type for both.
pub trait Completer: Sized {
    /// Writes that the job is done; whether its claim still held.
    fn complete(self, completion: Completion) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// What [`JobContext::complete_in`] has a [`Completer`] write.
#[derive(Debug)]
pub struct Completion {
    pub(crate) fence: Fence,
    pub(crate) result: Option<Value>,
    pub(crate) ttl: Duration,
}

impl JobContext {
    /// Completes this job with `output` in `transaction`; generated code has it as `complete_in`,
    /// typed by the task.
    ///
    /// When the handler ends, the worker looks at the job again. It is done if the transaction has
    /// committed, whatever the handler returns. It is a failed attempt if it has not, even when the
    /// handler returns `Ok`.
    ///
    /// ```no_run
    /// # async fn example(ctx: &soniq_runtime::JobContext, client: &mut tokio_postgres::Client)
    /// #     -> Result<(), soniq_runtime::JobError> {
    /// let tx = client.transaction().await?;
    /// tx.execute("UPDATE accounts SET balance = balance - 1", &[]).await?;
    /// ctx.complete_in(&tx, &()).await?;
    /// tx.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::ClaimLost`] when the job is no longer this attempt's: roll back, somebody else runs
    /// it. [`Error::InvalidOutput`] when `output` breaks the contract. [`Error::Database`]
    /// or [`Error::Adapter`].
    pub async fn complete_in<O>(&self, transaction: impl Completer, output: &O) -> Result<(), Error>
    where
        O: Checked + Serialize + Sync,
    {
        let result = check::encode(output).map_err(|violations| Error::InvalidOutput {
            task: self.task().to_owned(),
            violations,
        })?;
        self.note_completion();
        let completion = Completion {
            fence: self.fence(),
            result: (!result.is_null()).then_some(result),
            ttl: self.result_ttl(),
        };
        if transaction.complete(completion).await? {
            Ok(())
        } else {
            Err(Error::ClaimLost {
                task: self.task().to_owned(),
                id: self.id(),
            })
        }
    }
}
