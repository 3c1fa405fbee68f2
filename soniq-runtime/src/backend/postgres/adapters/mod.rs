//! Enqueues and completes jobs in the transaction that the caller has, in whichever library that is.
//! One file a library: how it runs a [`Statement`], and which of its types the caller hands over.
//! What is run, checked and answered is the same for all of them.
//!
//! [`Statement`]: super::executor::Statement

/// Implements [`Enqueuer`](crate::Enqueuer) for what a caller hands over, by the executor that it gives.
macro_rules! enqueuer {
    ($(#[$doc:meta])* $connection:ty, |$db:ident| $executor:expr) => {
        $(#[$doc])*
        impl crate::enqueue::Enqueuer for $connection {
            async fn insert(
                self,
                job: crate::enqueue::NewJob,
            ) -> Result<crate::enqueue::Enqueued, crate::error::Error> {
                let ($db, settings) = (self, crate::soniq::process_settings()?);
                crate::backend::postgres::enqueue::insert($executor, job, settings).await
            }

            async fn insert_many(
                self,
                jobs: Vec<crate::enqueue::NewJob>,
            ) -> Result<Vec<crate::enqueue::Enqueued>, crate::error::Error> {
                let ($db, settings) = (self, crate::soniq::process_settings()?);
                crate::backend::postgres::enqueue::insert_many($executor, jobs, settings).await
            }
        }
    };
}

/// Implements [`Completer`](crate::Completer) likewise.
macro_rules! completer {
    ($(#[$doc:meta])* $transaction:ty, |$db:ident| $executor:expr) => {
        $(#[$doc])*
        impl crate::complete::Completer for $transaction {
            async fn complete(
                self,
                completion: crate::complete::Completion,
            ) -> Result<bool, crate::error::Error> {
                let $db = self;
                crate::backend::postgres::complete_in::complete($executor, completion).await
            }
        }
    };
}

mod deadpool;
#[cfg(feature = "diesel-async")]
mod diesel_async;
#[cfg(feature = "sea-orm")]
mod sea_orm;
#[cfg(feature = "sqlx")]
mod sqlx;
mod tokio_postgres;

/// SQLSTATE of a connection that failed.
#[cfg(any(feature = "diesel-async", feature = "sqlx"))]
const CONNECTION_LOST: &str = "08006";

/// What a library's own error means: the counterpart of [`failed`](super::connect::failed).
#[cfg(any(feature = "diesel-async", feature = "sqlx"))]
fn failed(
    doing: &'static str,
    code: Option<String>,
    source: impl std::error::Error + Send + Sync + 'static,
) -> crate::error::Error {
    use crate::error::Error;

    match code {
        Some(code) if super::connect::means_not_set_up(&code) => Error::NotSetUp {
            found: format!("{source} ({code})"),
        },
        code => Error::Adapter {
            doing,
            reason: match &code {
                Some(code) => format!("{source} ({code})"),
                None => source.to_string(),
            },
            code,
            source: Box::new(source),
        },
    }
}
