//! A task, and a database with our tables for each test.

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::testing::{self, Database};
use soniq_runtime::{
    Backoff, Checked, EnqueueOptions, JobContext, JobError, RetrySpec, Soniq, TaskArgs,
    TaskHandlerBuilder, TaskRef, TaskSpec, Worker,
};

static PROBE: TaskSpec = TaskSpec::new("test.probe.v1", 1, "probe").retry(RetrySpec {
    max_attempts: Some(1),
    backoff: Backoff::Fixed(Duration::ZERO),
    max_delay: None,
    jitter: false,
});

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) n: i64,
    pub(crate) text: String,
}

pub(crate) fn probe(n: i64) -> Probe {
    Probe {
        n,
        text: String::new(),
    }
}

impl Checked for Probe {
    fn check(value: &Value, checker: &mut Checker) {
        if value["n"].as_i64().is_none_or(|n| n < 0) {
            checker.violation("minimum", "n is below 0");
        }
    }
}

impl TaskArgs for Probe {
    const TASK: TaskRef<Self> = TaskRef::new(&PROBE);
}

pub(crate) fn task() -> EnqueueOptions<Probe> {
    EnqueueOptions::default()
}

pub(crate) struct Bed {
    pub(crate) database: Database,
    pub(crate) soniq: Soniq,
    pub(crate) client: tokio_postgres::Client,
}

/// With our tables, and one of the application.
pub(crate) async fn bed() -> Bed {
    let database = testing::database_from("adapters", |url| async move {
        Soniq::connect(&url)?.setup().await?;
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute("CREATE TABLE orders (id bigint)")
            .await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    })
    .await
    .unwrap();
    Bed {
        soniq: Soniq::connect(database.url()).unwrap(),
        client: database.connect().await.unwrap(),
        database,
    }
}

impl Bed {
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.client.query_one(&sql, &[]).await.unwrap().get(0)
    }

    /// Runs what is due, all of it by `run`.
    pub(crate) async fn work<F, R>(&self, run: F)
    where
        F: Fn(Probe, JobContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Worker::builder(&self.soniq)
            .handler(TaskHandlerBuilder::<Probe>::new(run).build())
            .build()
            .unwrap()
            .run_once()
            .await
            .unwrap();
    }
}
