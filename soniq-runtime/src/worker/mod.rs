//! The worker: claims due jobs, runs their handlers, writes how they ended.
//!
//! Invariant: every await in a worker is cancellation-safe. A claim that is under way is never
//! dropped, since its rows would stay claimed by nobody's handler; everything else may be.

mod buffer;
mod builder;
mod claim;
mod complete;
mod drain;
mod engine;
mod heartbeat;
mod limits;
mod prefetch;
mod run;
mod running;
mod sleep;
mod solo;
mod unknown;
#[cfg(feature = "testing")]
mod watched;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use builder::WorkerBuilder;
pub use unknown::Unknown;

use self::engine::Engine;
use self::heartbeat::{Identity, Keeper};
use crate::backend::{ClaimScope, LimitedTask, Phase, Signal, Wake, WorkerRow};
use crate::error::Error;
use crate::handler::RunRow;
use crate::middleware::Hook;
use crate::retry_policy::RetryPolicy;
use crate::settings::{Settings, hostname};
use crate::soniq::Soniq;
use crate::task::TaskSpec;

/// What a worker runs.
struct HandlerTable {
    /// Handlers by wire name, the worker's middleware around each.
    by_name: HashMap<&'static str, Entry>,
    /// Told how attempts end.
    hooks: Vec<Hook>,
}

/// One task under one of its wire names.
#[derive(Clone)]
struct Entry {
    spec: &'static TaskSpec,
    run: RunRow,
    policy: Option<Arc<dyn RetryPolicy>>,
}

/// Claims and runs jobs of the tasks that it has handlers for.
///
/// ```no_run
/// # async fn example(soniq: soniq_runtime::Soniq, handler: soniq_runtime::TaskHandler)
/// #     -> Result<(), soniq_runtime::Error> {
/// let worker = soniq_runtime::Worker::builder(&soniq)
///     .handler(handler)
///     .queues(["billing"])
///     .concurrency(16)
///     .build()?;
/// worker.run_until(soniq_runtime::shutdown_signal()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Worker {
    soniq: Soniq,
    settings: Arc<Settings>,
    handlers: Arc<HandlerTable>,
    queues: Vec<String>,
    /// One job after the other, and no maintenance beside them.
    stepwise: bool,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("tasks", &self.handlers.by_name.keys().collect::<Vec<_>>())
            .field("queues", &self.queues)
            .finish_non_exhaustive()
    }
}

/// When a run of a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// Only when it is told to.
    ToldTo,
    /// When nothing is due and nothing runs.
    Idle,
}

impl Worker {
    /// A worker on this database.
    pub fn builder(soniq: &Soniq) -> WorkerBuilder {
        WorkerBuilder::new(soniq)
    }

    /// The queues that it claims from.
    pub fn queues(&self) -> &[String] {
        &self.queues
    }

    /// Runs until `shutdown` completes, then drains: claims nothing more, gives back what has not
    /// started, waits `SONIQ_SHUTDOWN_TIMEOUT` for what runs, cancels and gives back the rest.
    ///
    /// A database that goes away while it runs is waited for.
    ///
    /// # Errors
    /// What keeps it from starting: no connection, a schema that does not fit. At its end
    /// [`Error::LeftBehind`], when handlers never yield.
    pub async fn run_until(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        self.run_until_forced(shutdown, std::future::pending())
            .await
    }

    /// Like [`run_until`](Self::run_until), and `force` ends the wait for running jobs early.
    ///
    /// # Errors
    /// As for [`run_until`](Self::run_until).
    pub async fn run_until_forced(
        &self,
        shutdown: impl Future<Output = ()>,
        force: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        self.run(shutdown, force, Until::ToldTo).await.map(drop)
    }

    /// Runs every job that is due, retries that become due meanwhile included, and returns how
    /// many attempts ended.
    ///
    /// # Errors
    /// As for [`run_until`](Self::run_until); and a claim that would fail again and again.
    pub async fn run_once(&self) -> Result<u64, Error> {
        self.run(std::future::pending(), std::future::pending(), Until::Idle)
            .await
    }

    async fn run(
        &self,
        shutdown: impl Future<Output = ()>,
        force: impl Future<Output = ()>,
        until: Until,
    ) -> Result<u64, Error> {
        let backend = self.soniq.backend();
        backend.check_schema().await?;
        let row = self.row();
        let worker = row.id;
        let woken = Arc::new(Notify::new());
        let (calling_off, called_off) = mpsc::unbounded_channel();
        let wake = self.wake(&woken, calling_off);
        let session = backend.open_session(row.clone(), Arc::clone(&wake)).await?;
        let (identity, identities) = watch::channel(Identity::Registered(worker));
        let (phase, phases) = watch::channel(Phase::Running);
        let keeper = Keeper {
            backend: Arc::clone(backend),
            row,
            wake,
            identity,
            phase: phases,
        };
        let keeper = AbortOnDrop(tokio::spawn(keeper.run(session)));
        let cleaner = (!self.stepwise).then(|| AbortOnDrop(tokio::spawn(clean_up(self.clone()))));
        tracing::info!(
            %worker,
            queues = ?self.queues,
            concurrency = self.settings.concurrency,
            "worker started"
        );
        let mut engine = Engine::new(
            Arc::clone(backend),
            Arc::clone(&self.settings),
            Arc::clone(&self.handlers),
            self.scope(worker),
            identities,
            woken,
            called_off,
        );
        if self.stepwise {
            engine.step_by_step();
        }
        let ran = engine.run(shutdown, until).await;
        drop(cleaner);
        phase.send_replace(Phase::Draining);
        let drained = drain::drain(engine, self.settings.shutdown_timeout, force).await;
        keeper.end().await;
        // A row with claims left stays: by it, others find and rescue them.
        if drained.clean
            && let Err(error) = backend.unregister(drained.identity.id()).await
        {
            tracing::warn!(%error, "the worker's row was left behind");
        }
        tracing::info!(%worker, ended = drained.ended, "worker stopped");
        ran?;
        if drained.abandoned > 0 {
            return Err(Error::LeftBehind {
                jobs: drained.abandoned,
            });
        }
        Ok(drained.ended)
    }

    fn row(&self) -> WorkerRow {
        let mut tasks: Vec<(String, String)> = self
            .handlers
            .by_name
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), entry.spec.fingerprint.to_owned()))
            .collect();
        tasks.sort();
        WorkerRow {
            id: Uuid::now_v7(),
            hostname: hostname(),
            queues: self.queues.clone(),
            concurrency: self.settings.concurrency,
            heartbeat_interval: self.settings.heartbeat_interval,
            heartbeat_timeout: self.settings.heartbeat_timeout,
            tasks,
            default_max_attempts: self.settings.default_max_attempts(),
        }
    }

    fn scope(&self, worker: Uuid) -> ClaimScope {
        let mut names: Vec<String> = self
            .handlers
            .by_name
            .keys()
            .map(ToString::to_string)
            .collect();
        names.sort();
        let mut free = Vec::new();
        // By task: its versions and aliases share its limit.
        let mut limited: BTreeMap<&str, LimitedTask> = BTreeMap::new();
        for name in &names {
            let spec = self.handlers.by_name[name.as_str()].spec;
            let Some(concurrency) = spec.concurrency else {
                free.push(name.clone());
                continue;
            };
            let task = limited.entry(spec.name).or_insert_with(|| LimitedTask {
                names: Vec::new(),
                spec: concurrency,
            });
            task.names.push(name.clone());
        }
        ClaimScope {
            worker,
            queues: self.queues.clone(),
            names,
            free,
            limited: limited.into_values().collect(),
            unknown: self.settings.unknown,
            trail: Arc::default(),
        }
    }

    fn wake(&self, woken: &Arc<Notify>, called_off: mpsc::UnboundedSender<Uuid>) -> Wake {
        let (queues, woken) = (self.queues.clone(), Arc::clone(woken));
        Arc::new(move |signal| match signal {
            Signal::Due(queue) => {
                if queues.iter().any(|own| own == queue) {
                    woken.notify_one();
                }
            }
            Signal::CalledOff(job) => {
                // The engine ends before the session does.
                let _ = called_off.send(job);
            }
        })
    }
}

/// Maintenance passes, by whichever process comes first.
async fn clean_up(worker: Worker) {
    let interval = worker.settings.cleanup_interval;
    loop {
        let default_max_attempts = worker.settings.default_max_attempts();
        match worker.soniq.backend().maintain(default_max_attempts).await {
            Ok(Some(done)) if done != crate::backend::Maintained::default() => {
                tracing::info!(done.expired, done.rescued, done.purged, "cleaned up");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "cleaning up failed"),
        }
        // Spread, so that workers started together do not all try at once for ever.
        let spread = 0.9 + crate::retry::random_fraction() / 5.0;
        tokio::time::sleep(interval.mul_f64(spread)).await;
    }
}

/// A task that ends with its owner.
struct AbortOnDrop(JoinHandle<()>);

impl AbortOnDrop {
    /// Ends it now.
    async fn end(mut self) {
        self.0.abort();
        // It was cancelled, or had ended before.
        let _ = (&mut self.0).await;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Completes on SIGTERM or Ctrl-C. Call it again for the second signal.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn shutdown_signal() {
    let interrupt = async {
        // An error means that the signal cannot be caught: then it ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
