//! `deadpool-postgres`, whose connections and transactions are wrapped ones of `tokio_postgres`. The
//! runtime's own pool is made of it, so it needs no feature.

use deadpool_postgres::{Client, Transaction};

enqueuer! {
    /// The job exists as soon as the call returns.
    &Client, |client| &***client
}

enqueuer! {
    /// The job exists if and only if this transaction commits.
    &Transaction<'_>, |transaction| &**transaction
}

completer! {
    /// The job is done if and only if this transaction commits.
    &Transaction<'_>, |transaction| &**transaction
}
