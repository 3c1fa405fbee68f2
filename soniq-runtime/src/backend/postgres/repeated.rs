//! Statements that a worker runs again and again: planned once, where that is possible.
//!
//! Planning a claim takes the server as long as claiming some sixty jobs. A prepared statement belongs to
//! a backend, so this is for connections that keep theirs: behind a pooler in transaction mode every
//! statement goes out unnamed. Whether there is one, a worker's session finds out (`standing.rs`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{Client, StatementCaches};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

/// How long a plan is kept. It may be of a time when the table was all but empty, and the server makes
/// another only when the table is analyzed.
const KEPT: Duration = Duration::from_secs(5);

/// A plan for any number of names and queues looks so dear to the server that it compiles it, for longer than
/// a tenth of a second each time it runs. One that knows little of the table would rather collect all due
/// rows of a name and sort them than walk their index, which has them in order.
const PREPARE: &str = "SET jit = off; SET enable_bitmapscan = off";

/// A statement's parameters with their types.
pub(crate) type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// Where a statement runs of which nothing but the rows is wanted.
pub(crate) trait Run {
    /// Its rows.
    async fn rows(
        &self,
        statement: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error>;
}

/// Unnamed, planned each time.
impl<C: GenericClient> Run for C {
    async fn rows(
        &self,
        statement: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.query_typed(statement, parameters).await
    }
}

/// What is known of a pool's connections.
#[derive(Debug)]
pub(crate) struct Plans {
    /// A connection to the same address kept its backend.
    kept: AtomicBool,
    /// One did not.
    pooled: AtomicBool,
    since: Mutex<Instant>,
}

impl Plans {
    pub(crate) fn new() -> Self {
        Plans {
            kept: AtomicBool::new(false),
            pooled: AtomicBool::new(false),
            since: Mutex::new(Instant::now()),
        }
    }

    /// A connection to the pool's address keeps its backend, or does not: one that does not counts more.
    pub(crate) fn note(&self, keeps: bool) {
        let seen = if keeps { &self.kept } else { &self.pooled };
        seen.store(true, Ordering::Relaxed);
    }

    fn may_be_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed) && !self.pooled.load(Ordering::Relaxed)
    }

    /// Whether it is time to plan afresh; says so once.
    fn are_old(&self) -> bool {
        // No code that can panic runs under the lock.
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let old = since.elapsed() >= KEPT;
        if old {
            *since = Instant::now();
        }
        old
    }
}

/// A connection of a pool, with what is known of them all.
pub(crate) struct Repeated<'a> {
    pub(crate) client: &'a Client,
    pub(crate) plans: &'a Plans,
    pub(crate) caches: &'a StatementCaches,
}

impl Run for Repeated<'_> {
    async fn rows(
        &self,
        statement: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        if !self.plans.may_be_kept() {
            return self.client.query_typed(statement, parameters).await;
        }
        if self.plans.are_old() {
            self.caches.clear();
        }
        match self.prepared(statement, parameters).await {
            Err(error) if is_about_the_plan(&error) => {
                self.caches.clear();
                self.client.query_typed(statement, parameters).await
            }
            rows => rows,
        }
    }
}

impl Repeated<'_> {
    async fn prepared(
        &self,
        statement: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let types: Vec<Type> = parameters.iter().map(|(_, of)| of.clone()).collect();
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(value, _)| *value).collect();
        if self.client.statement_cache.size() == 0 {
            self.client.batch_execute(PREPARE).await?;
        }
        let prepared = self.client.prepare_typed_cached(statement, &types).await?;
        self.client.query(&prepared, &values).await
    }
}

/// Somebody deallocated it, or a table's columns have other types by now; the statement did nothing.
fn is_about_the_plan(error: &tokio_postgres::Error) -> bool {
    [
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::FEATURE_NOT_SUPPORTED,
    ]
    .iter()
    .any(|state| error.code() == Some(state))
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::connect::Connections;
    use super::*;

    /// How many statements its backend has prepared, this one included.
    const PREPARED: &str = "SELECT count(*) FROM pg_prepared_statements";

    async fn prepared(connections: &Connections, client: &Client) -> i64 {
        let rows = connections.repeated(client).rows(PREPARED, &[]).await;
        rows.unwrap()[0].get(0)
    }

    #[tokio::test]
    async fn statements_are_prepared_where_backends_are_kept_and_nowhere_else() {
        let database = crate::testing::database().await.unwrap();
        let connections = Connections::new(database.url(), 1).unwrap();
        let client = connections.get().await.unwrap();
        assert_eq!(prepared(&connections, &client).await, 0, "nothing is known");
        connections.plans().note(true);
        assert_eq!(prepared(&connections, &client).await, 1);
        for setting in ["jit", "enable_bitmapscan"] {
            let show = format!("SHOW {setting}");
            let value: String = client.query_one(&show, &[]).await.unwrap().get(0);
            assert_eq!(value, "off", "{setting}");
        }
        client.batch_execute("DEALLOCATE ALL").await.unwrap();
        assert_eq!(
            prepared(&connections, &client).await,
            0,
            "it runs all the same"
        );
        assert_eq!(prepared(&connections, &client).await, 1);
        connections.plans().note(false);
        client.batch_execute("DEALLOCATE ALL").await.unwrap();
        assert_eq!(
            prepared(&connections, &client).await,
            0,
            "one was a pooler's"
        );
        connections.plans().note(true);
        assert_eq!(prepared(&connections, &client).await, 0, "and stays so");
    }
}
