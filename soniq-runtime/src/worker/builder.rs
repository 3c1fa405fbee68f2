//! Puts a worker together.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Entry, HandlerTable, Unknown, Worker};
use crate::error::Error;
use crate::handler::{Handlers, TaskHandler};
use crate::middleware::{self, Hook, JobEnd, Layer, Middleware};
use crate::retry_policy::RetryPolicy;
use crate::settings::Settings;
use crate::soniq::Soniq;

/// Intervals are kept between these, so that none spins and none overflows a clock.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(86_400);

/// See [`Worker::builder`]. What is not said here comes from the handle's [`Settings`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct WorkerBuilder {
    soniq: Soniq,
    settings: Settings,
    handlers: Vec<TaskHandler>,
    layers: Vec<Layer>,
    hooks: Vec<Hook>,
    policy: Option<Arc<dyn RetryPolicy>>,
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerBuilder")
            .field("handlers", &self.handlers)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl WorkerBuilder {
    pub(super) fn new(soniq: &Soniq) -> Self {
        WorkerBuilder {
            soniq: soniq.clone(),
            settings: soniq.settings().clone(),
            handlers: Vec::new(),
            layers: Vec::new(),
            hooks: Vec::new(),
            policy: None,
        }
    }

    /// Handlers of a whole namespace: what generated `handlers(..)` returns.
    pub fn handlers(mut self, handlers: impl Into<Handlers>) -> Self {
        self.handlers.extend(handlers.into().0);
        self
    }

    /// The handler of one task.
    pub fn handler(self, handler: TaskHandler) -> Self {
        self.handlers(handler)
    }

    /// Claims from these queues only. Without it: `SONIQ_QUEUES`, else the queues that the tasks'
    /// contracts name, and `default` for a task that names none.
    pub fn queues<Q: Into<String>>(mut self, queues: impl IntoIterator<Item = Q>) -> Self {
        self.settings.queues = Some(queues.into_iter().map(Into::into).collect());
        self
    }

    /// Jobs at once. Without it: `SONIQ_CONCURRENCY`, else 4. At least 1.
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.settings.concurrency = jobs.max(1);
        self
    }

    /// How often it looks for jobs without being woken. Without it: `SONIQ_POLL_INTERVAL`, else 5 s.
    /// From 1 ms to a day; what is outside is taken as the nearest.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll_interval = interval;
        self
    }

    /// How long a shutdown waits for running jobs. Without it: `SONIQ_SHUTDOWN_TIMEOUT`, else 30 s.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = timeout;
        self
    }

    /// What becomes of due jobs in its queues that it has no handler for. Without it:
    /// `SONIQ_UNKNOWN`, else [`Unknown::Leave`].
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.settings.unknown = unknown;
        self
    }

    /// Runs `middleware` around every handler; what is added first is outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.layers.push(middleware::layer(middleware));
        self
    }

    /// Calls `hook` with how each attempt ended, on the task that ran it and before it is written:
    /// quickly, and without waiting. A job whose claim was lost meanwhile ends otherwise, and one
    /// that the worker cannot even decode is told of like any other failure. One that its handler
    /// completed in a transaction is told of once the database has said whether that was
    /// committed. A panic is logged.
    ///
    /// ```
    /// # fn example(builder: soniq_runtime::WorkerBuilder) -> soniq_runtime::WorkerBuilder {
    /// use soniq_runtime::Fate;
    ///
    /// builder.on_end(|end| {
    ///     if let Fate::DeadLettered { error, .. } = end.fate {
    ///         eprintln!("{} is dead: {error}", end.job.task());
    ///     }
    /// })
    /// # }
    /// ```
    pub fn on_end(mut self, hook: impl Fn(&JobEnd<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Asks `policy` about failed attempts of every task, beside the contracts.
    pub fn retry_policy(mut self, policy: impl RetryPolicy) -> Self {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// The worker; it touches the database when it runs.
    ///
    /// # Errors
    /// [`Error::NoHandlers`], or [`Error::DuplicateHandler`] when two handlers take one wire name.
    pub fn build(self) -> Result<Worker, Error> {
        let layers: Arc<[Layer]> = self.layers.into();
        let mut table = HandlerTable {
            by_name: HashMap::new(),
            hooks: self.hooks,
        };
        let mut queues: Vec<String> = Vec::new();
        for handler in self.handlers {
            let queue = handler.spec.queue.unwrap_or("default");
            if !queues.iter().any(|known| known == queue) {
                queues.push(queue.to_owned());
            }
            for (name, run) in handler.names {
                let entry = Entry {
                    spec: handler.spec,
                    run: middleware::within(&layers, run),
                    policy: self.policy.clone(),
                };
                if table.by_name.insert(name, entry).is_some() {
                    return Err(Error::DuplicateHandler { name });
                }
            }
        }
        if table.by_name.is_empty() {
            return Err(Error::NoHandlers);
        }
        queues.sort();
        let mut settings = self.settings;
        for interval in [
            &mut settings.poll_interval,
            &mut settings.heartbeat_interval,
            &mut settings.cleanup_interval,
        ] {
            *interval = (*interval).clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        }
        Ok(Worker {
            soniq: self.soniq,
            queues: settings.queues.clone().unwrap_or(queues),
            settings: Arc::new(settings),
            handlers: Arc::new(table),
            stepwise: false,
        })
    }
}
