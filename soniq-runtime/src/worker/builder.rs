//! Puts a worker together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::{HandlerTable, Worker};
use crate::error::Error;
use crate::handler::{Handlers, TaskHandler};
use crate::settings::Settings;
use crate::soniq::Soniq;

/// Intervals are kept between these, so that none spins and none overflows a clock.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(86_400);

/// See [`Worker::builder`]. What is not said here comes from the handle's [`Settings`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct WorkerBuilder {
    soniq: Soniq,
    settings: Settings,
    handlers: Vec<TaskHandler>,
}

impl WorkerBuilder {
    pub(super) fn new(soniq: &Soniq) -> Self {
        WorkerBuilder {
            soniq: soniq.clone(),
            settings: soniq.settings().clone(),
            handlers: Vec::new(),
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

    /// The worker; it touches the database when it runs.
    ///
    /// # Errors
    /// [`Error::NoHandlers`], or [`Error::DuplicateHandler`] when two handlers take one wire name.
    pub fn build(self) -> Result<Worker, Error> {
        let mut table: HandlerTable = HashMap::new();
        let mut queues: Vec<String> = Vec::new();
        for handler in self.handlers {
            let queue = handler.spec.queue.unwrap_or("default");
            if !queues.iter().any(|known| known == queue) {
                queues.push(queue.to_owned());
            }
            for (name, run) in handler.names {
                if table.insert(name, (handler.spec, run)).is_some() {
                    return Err(Error::DuplicateHandler { name });
                }
            }
        }
        if table.is_empty() {
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
        })
    }
}
