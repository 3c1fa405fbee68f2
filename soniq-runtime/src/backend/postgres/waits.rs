//! What operators do waits for locks, but not without end, and then says who holds them.
//!
//! A statement that waits for a table stands before everybody who comes after it: one long reader and
//! one `ALTER TABLE` are enough to stop all producers. So each wait is short, and what may be tried
//! again is, with pauses in which the others go on.

#[cfg(all(test, feature = "testing"))]
mod tests;

use std::convert::Infallible;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};

use super::connect::{Connections, failed};
use crate::backend::Answer;
use crate::error::Error;
use crate::retry::random_fraction;

const BOUND_WAITS: &str = include_str!("sql/bound_waits_of.sql");
const HOLDER: &str = include_str!("sql/holder.sql");

/// How often a transaction that waits is looked at from outside.
const LOOK: Duration = Duration::from_millis(300);

/// How long a lock is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// By one statement.
    pub(crate) wait: Duration,
    /// How many times the transaction is tried.
    pub(crate) tries: u32,
    /// The first pause between two of them; each doubles, up to [`LONGEST_PAUSE`].
    pub(crate) pause: Duration,
}

const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Of a statement that an operator waits for and can give again.
pub(crate) const OPERATOR: Patience = Patience {
    wait: Duration::from_secs(5),
    tries: 1,
    pause: Duration::ZERO,
};

/// Of a change to the schema, which has writers wait behind it: a little over a minute in all.
pub(crate) const SETUP: Patience = Patience {
    wait: Duration::from_secs(2),
    tries: 12,
    pause: Duration::from_millis(500),
};

/// Runs `work` in a transaction and commits it. No statement of it waits for a lock for longer than
/// `patience` says; then all of it is undone, and tried again or given up. `about` is what `work`
/// needs to know: it cannot borrow that itself, and be sent to another thread.
pub(crate) async fn bounded<A, T>(
    connections: &Connections,
    patience: Patience,
    doing: &'static str,
    about: &A,
    work: impl for<'a> Fn(&'a Transaction<'_>, &'a A) -> Answer<'a, T>,
) -> Result<T, Error> {
    let mut client = connections.get().await?;
    let mut pause = patience.pause;
    let mut tries = 1;
    loop {
        let seen = Seen::default();
        let (transaction, backend) = begin(&mut client, patience.wait, doing).await?;
        let done = tokio::select! {
            biased;
            done = work(&transaction, about) => done,
            never = watch(connections, backend, &seen) => match never {},
        };
        match done {
            Ok(done) => {
                transaction.commit().await.map_err(failed(doing))?;
                return Ok(done);
            }
            Err(error) if waited_in_vain(&error) => {
                let holder = seen.text();
                if tries >= patience.tries {
                    return Err(Error::Locked { doing, holder });
                }
                tracing::warn!(holder, tries, "{doing} waits for a lock; trying again");
                transaction.rollback().await.map_err(failed(doing))?;
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause.mul_f64(0.5 + random_fraction() / 2.0)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        tries += 1;
    }
}

/// A transaction with bounded waits, and the backend that it runs on.
async fn begin<'a>(
    client: &'a mut Client,
    wait: Duration,
    doing: &'static str,
) -> Result<(Transaction<'a>, i32), Error> {
    let transaction = client.transaction().await.map_err(failed(doing))?;
    let wait = format!("{}ms", wait.as_millis());
    let row = transaction
        .query_typed_one(BOUND_WAITS, &[(&wait, Type::TEXT)])
        .await
        .map_err(failed(doing))?;
    Ok((transaction, row.get("backend")))
}

fn waited_in_vain(error: &Error) -> bool {
    matches!(error, Error::Database { source, .. }
        if source.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}

/// Notes whom `backend` waits for, if it waits. That it cannot be seen is no reason to fail.
async fn watch(connections: &Connections, backend: i32, seen: &Seen) -> Infallible {
    // Most transactions have ended by then and cost no second connection.
    tokio::time::sleep(LOOK).await;
    // Not one of the pool: its callers may be what is waited for.
    if let Ok(client) = connections.client().await {
        while let Ok(holder) = client
            .query_typed_opt(HOLDER, &[(&backend, Type::INT4)])
            .await
        {
            if let Some(holder) = holder {
                seen.note(Holder::read(&holder));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    std::future::pending().await
}

/// Who was last seen to hold what is waited for.
#[derive(Debug, Default)]
struct Seen(Mutex<Option<Holder>>);

impl Seen {
    fn note(&self, holder: Holder) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
    }

    fn text(&self) -> String {
        let holder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holder.as_ref().map_or_else(
            || "a session that could not be seen".to_owned(),
            Holder::to_string,
        )
    }
}

#[derive(Debug)]
struct Holder {
    /// `None` is a prepared transaction.
    pid: Option<i32>,
    role: Option<String>,
    program: Option<String>,
    state: Option<String>,
    transaction_seconds: Option<f64>,
    query_seconds: Option<f64>,
}

impl Holder {
    fn read(row: &Row) -> Self {
        Holder {
            pid: row.get("pid"),
            role: row.get("role"),
            program: row.get("program"),
            state: row.get("state"),
            transaction_seconds: row.get("transaction_seconds"),
            query_seconds: row.get("query_seconds"),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(pid) = self.pid else {
            return f.write_str("a prepared transaction (see pg_prepared_xacts)");
        };
        write!(f, "backend {pid}")?;
        let facts = [
            self.role.as_ref().map(|role| format!("role {role}")),
            self.program
                .as_ref()
                .map(|program| format!("program {program}")),
            self.state.clone(),
            self.transaction_seconds
                .map(|seconds| format!("in a transaction for {seconds:.0} s")),
            self.query_seconds
                .map(|seconds| format!("its last statement began {seconds:.0} s ago")),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if facts.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", facts.join(", "))
    }
}
