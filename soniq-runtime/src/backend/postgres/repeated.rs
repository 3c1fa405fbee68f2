//! Statements that a process runs again and again: planned once, where that is possible.
//!
//! Planning a claim takes the server as long as claiming some sixty jobs, planning an enqueue a third of
//! all that the enqueue takes. A prepared statement belongs to a backend, so this is for connections that
//! keep theirs: behind a pooler in transaction mode every statement goes out unnamed. Whether there is one,
//! a worker's session finds out (`standing.rs`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{Client, StatementCaches};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

/// How long a plan is kept. It may be of a time when the table was all but empty, and the server makes
/// another only when the table is analyzed.
const KEPT: Duration = Duration::from_secs(5);

/// A statement that took so long may follow a plan of a time when there was less to do: the next is planned
/// afresh, if the last one has lasted for [`LEAST`].
const SLOW: Duration = Duration::from_millis(50);
const LEAST: Duration = Duration::from_secs(1);

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

/// What is known of the connections to an address.
#[derive(Debug, Default)]
struct Address {
    /// One kept its backend.
    kept: AtomicBool,
    /// One did not.
    pooled: AtomicBool,
}

/// The plans of a pool's connections.
#[derive(Debug)]
pub(crate) struct Plans {
    address: Arc<Address>,
    /// Since when they are kept; `None` where they are for good.
    since: Option<Mutex<Instant>>,
    /// By one of them a statement took long.
    slow: AtomicBool,
}

impl Plans {
    pub(crate) fn new() -> Self {
        Plans {
            address: Arc::default(),
            since: Some(Mutex::new(Instant::now())),
            slow: AtomicBool::new(false),
        }
    }

    /// Those of another pool to the same address, whose statements only call a function: what that runs, the
    /// server plans afresh by itself when the tables have changed.
    pub(crate) fn of_calls(&self) -> Self {
        Plans {
            address: Arc::clone(&self.address),
            since: None,
            slow: AtomicBool::new(false),
        }
    }

    /// A connection to the pool's address keeps its backend, or does not: one that does not counts more.
    pub(crate) fn note(&self, keeps: bool) {
        let seen = if keeps {
            &self.address.kept
        } else {
            &self.address.pooled
        };
        seen.store(true, Ordering::Relaxed);
    }

    fn may_be_kept(&self) -> bool {
        self.address.kept.load(Ordering::Relaxed) && !self.address.pooled.load(Ordering::Relaxed)
    }

    /// A statement took so long.
    fn ran(&self, took: Duration) {
        if took >= SLOW {
            self.slow.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it is time to plan afresh; says so once.
    fn are_old(&self, now: Instant) -> bool {
        let Some(since) = &self.since else {
            return false;
        };
        let kept = if self.slow.load(Ordering::Relaxed) {
            LEAST
        } else {
            KEPT
        };
        // No code that can panic runs under the lock.
        let mut since = since.lock().unwrap_or_else(PoisonError::into_inner);
        let old = now.saturating_duration_since(*since) >= kept;
        if old {
            *since = now;
            self.slow.store(false, Ordering::Relaxed);
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
        let began = Instant::now();
        if self.plans.are_old(began) {
            self.caches.clear();
        }
        let rows = self.prepared(statement, parameters).await;
        self.plans.ran(began.elapsed());
        match rows {
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
        if self.plans.since.is_some() && self.client.statement_cache.size() == 0 {
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
    use super::super::enqueue;
    use super::*;
    use crate::enqueue::NewJob;
    use crate::settings::Settings;

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

    #[test]
    fn plans_last_five_seconds_or_one_where_a_statement_took_long() {
        let plans = Plans::new();
        let start = Instant::now();
        let seconds = |seconds| start + Duration::from_secs_f64(seconds);
        assert!(!plans.are_old(seconds(4.0)));
        assert!(plans.are_old(seconds(6.0)));
        plans.ran(Duration::from_millis(20));
        assert!(!plans.are_old(seconds(8.0)), "that is no time");
        plans.ran(Duration::from_millis(50));
        assert!(plans.are_old(seconds(8.0)));
        assert!(!plans.are_old(seconds(10.0)), "it was told");
    }

    #[tokio::test]
    async fn an_enqueue_of_the_handle_is_prepared_where_a_worker_found_that_backends_are_kept() {
        let database = crate::testing::database().await.unwrap();
        let url = database.url();
        crate::Soniq::connect(url).unwrap().setup().await.unwrap();
        let workers = Connections::new(url, 1).unwrap();
        let callers = Connections::with_plans(url, 1, workers.plans().of_calls()).unwrap();
        let client = callers.get().await.unwrap();
        let settings = Settings::default();
        for (keeps, expected) in [
            (None, 0),
            (Some(true), 1),
            (Some(true), 1),
            (Some(false), 0),
        ] {
            if let Some(keeps) = keeps {
                workers.plans().note(keeps);
            }
            if keeps == Some(false) {
                client.batch_execute("DEALLOCATE ALL").await.unwrap();
            }
            // The second holds the key that the third has. What looks for twins is not prepared.
            for key in [None, Some("k"), Some("k")] {
                let mut job = NewJob::new("a.b.v1", serde_json::json!({})).unwrap();
                job.dedup_key = key.map(str::to_owned);
                let db = callers.repeated(&client);
                enqueue::insert(&db, job, &settings).await.unwrap();
            }
            let found = client.query_typed(PREPARED, &[]).await.unwrap();
            assert_eq!(found[0].get::<_, i64>(0), expected, "{keeps:?}");
        }
    }
}
