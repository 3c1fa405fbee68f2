//! A task whose handler does what its arguments say, a database for each test, and patience.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::testing::{Cluster, Database};
use soniq_runtime::{
    Backoff, Checked, EnqueueOptions, JobContext, JobError, RetrySpec, Settings, Soniq, TaskArgs,
    TaskHandler, TaskHandlerBuilder, TaskRef, TaskSpec, Worker,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Retried at once, three attempts.
static PROBE: TaskSpec = TaskSpec::new("test.probe.v1", 1, "probe").retry(RetrySpec {
    max_attempts: Some(3),
    backoff: Backoff::Fixed(Duration::ZERO),
    max_delay: Some(Duration::from_secs(60)),
    jitter: false,
});

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) n: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

pub(crate) fn probe(n: i64) -> Probe {
    Probe { n, text: None }
}

impl Checked for Probe {
    fn check(value: &Value, checker: &mut Checker) {
        if !value["n"].is_i64() {
            checker.violation("type", "n is no integer");
        }
    }
}

impl TaskArgs for Probe {
    const TASK: TaskRef<Self> = TaskRef::new(&PROBE);
}

pub(crate) fn task() -> EnqueueOptions<Probe> {
    EnqueueOptions::default()
}

/// A handler of [`Probe`] from a closure.
pub(crate) fn handler<F, R, O>(run: F) -> TaskHandler
where
    F: Fn(Probe, JobContext) -> R + Send + Sync + 'static,
    R: Future<Output = Result<O, JobError>> + Send + 'static,
    O: Checked + Serialize,
{
    TaskHandlerBuilder::<Probe>::new(run).build()
}

/// A handler that counts its runs and succeeds.
pub(crate) fn counting() -> (TaskHandler, Arc<Mutex<Vec<i64>>>) {
    let runs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&runs);
    let handler = handler(move |args: Probe, _| {
        seen.lock().unwrap().push(args.n);
        async { Ok::<(), JobError>(()) }
    });
    (handler, runs)
}

/// A handler that waits until the gate is opened, by a permit, and then ends as `outcome` says.
pub(crate) fn gated(
    outcome: fn() -> Result<(), JobError>,
) -> (TaskHandler, Arc<AtomicU32>, Arc<Semaphore>) {
    let (started, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
    let (seen, opens) = (Arc::clone(&started), Arc::clone(&gate));
    let handler = handler(move |_, _| {
        let (seen, opens) = (Arc::clone(&seen), Arc::clone(&opens));
        async move {
            seen.fetch_add(1, Ordering::SeqCst);
            let _open = opens.acquire().await?;
            outcome()
        }
    });
    (handler, started, gate)
}

/// A database with our tables, and a handle whose waits are short.
pub(crate) struct Bed {
    pub(crate) database: Database,
    pub(crate) soniq: Soniq,
    pub(crate) client: tokio_postgres::Client,
}

pub(crate) fn quick(url: &str) -> Settings {
    let mut settings = Settings::from_lookup(|_| None).unwrap();
    settings.database_url = Some(url.to_owned());
    settings.poll_interval = Duration::from_millis(200);
    settings.heartbeat_interval = Duration::from_millis(200);
    settings.cleanup_interval = Duration::from_millis(300);
    settings.shutdown_timeout = Duration::from_secs(5);
    settings
}

pub(crate) async fn bed() -> Bed {
    bed_on(Cluster::shared().await.unwrap()).await
}

/// A bed on a server of the test's own choice.
pub(crate) async fn bed_on(cluster: &Cluster) -> Bed {
    let setup = |url: String| async move { Soniq::connect(&url)?.setup().await.map(drop) };
    let database = cluster.database_from("soniq", setup).await.unwrap();
    let soniq = Soniq::with_settings(quick(database.url())).unwrap();
    let client = database.connect().await.unwrap();
    Bed {
        database,
        soniq,
        client,
    }
}

impl Bed {
    pub(crate) fn worker(&self, handler: TaskHandler) -> Worker {
        Worker::builder(&self.soniq)
            .handler(handler)
            .build()
            .unwrap()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn status(&self, id: Uuid) -> Option<String> {
        let row = self
            .client
            .query_opt("SELECT status FROM soniq_jobs WHERE id = $1", &[&id])
            .await
            .unwrap();
        row.map(|row| row.get(0))
    }

    /// Polls until `sql` counts `expected`.
    pub(crate) async fn wait_for(&self, sql: &str, expected: i64) {
        let last = Mutex::new(0);
        let reached = eventually(async || {
            let count = self.count(sql).await;
            *last.lock().unwrap() = count;
            count == expected
        })
        .await;
        assert!(
            reached,
            "{sql}: expected {expected}, last {}",
            last.lock().unwrap()
        );
    }
}

/// The row's physical version: any write gives it a new one.
pub(crate) async fn row_version(bed: &Bed, id: Uuid) -> String {
    bed.client
        .query_one(
            "SELECT ctid::text || xmin::text FROM soniq_jobs WHERE id = $1",
            &[&id],
        )
        .await
        .unwrap()
        .get(0)
}

/// A worker that runs in the background and drains when told.
pub(crate) struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), soniq_runtime::Error>>,
}

impl Running {
    pub(crate) fn start(worker: Worker) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            worker
                .run_until(async {
                    let _ = stopped.await;
                })
                .await
        });
        Running { stop, task }
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }

    /// As a crash ends it: nothing is written any more.
    pub(crate) fn kill(self) {
        self.task.abort();
    }
}

/// Polls `reached` for up to 20 s.
pub(crate) async fn eventually(reached: impl AsyncFn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if reached().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

pub(crate) async fn wait_for_start(started: &AtomicU32, runs: u32) {
    assert!(eventually(async || started.load(Ordering::SeqCst) >= runs).await);
}
