//! A task whose handler does what its arguments say, workers in the background, and patience.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Backoff, Checked, EnqueueOptions, JobContext, JobError, RetrySpec, Settings, TaskArgs,
    TaskHandler, TaskHandlerBuilder, TaskRef, TaskSpec, Worker,
};
use tokio::sync::Semaphore;

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

/// Settings whose waits are short.
pub(crate) fn quick(url: &str) -> Settings {
    let mut settings = Settings::from_lookup(|_| None).unwrap();
    settings.database_url = Some(url.to_owned());
    settings.poll_interval = Duration::from_millis(200);
    settings.heartbeat_interval = Duration::from_millis(200);
    settings.cleanup_interval = Duration::from_millis(300);
    settings.shutdown_timeout = Duration::from_secs(5);
    settings
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

/// Polls `reached` for up to a minute, the less often the longer it takes: it costs the store something
/// to be asked.
pub(crate) async fn eventually(reached: impl AsyncFn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        if reached().await {
            return true;
        }
        let tenth = began.elapsed() / 10;
        let pause = tenth.clamp(Duration::from_millis(5), Duration::from_millis(200));
        tokio::time::sleep(pause).await;
    }
    false
}

pub(crate) async fn wait_for_start(started: &AtomicU32, runs: u32) {
    assert!(eventually(async || started.load(Ordering::SeqCst) >= runs).await);
}
