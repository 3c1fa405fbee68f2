//! A worker under a test's eye.

use std::future::Future;
use std::sync::Arc;

use super::{HandlerTable, Until, Worker};
use crate::error::Error;
use crate::middleware::Hook;
use crate::soniq::Soniq;

impl Worker {
    /// Runs what is due on `soniq`, one job after the other, until nothing is or until `enough`. `hook`
    /// is told how each attempt ends. Maintenance is done before it rather than meanwhile.
    pub(crate) async fn run_watched(
        &self,
        soniq: &Soniq,
        enough: impl Future<Output = ()>,
        hook: Hook,
    ) -> Result<(), Error> {
        let hooks = self.handlers.hooks.iter().cloned().chain([hook]).collect();
        let by_name = self.handlers.by_name.clone();
        let mut settings = (*self.settings).clone();
        settings.concurrency = 1;
        let default_max_attempts = settings.default_max_attempts();
        let worker = Worker {
            soniq: soniq.clone(),
            settings: Arc::new(settings),
            handlers: Arc::new(HandlerTable { by_name, hooks }),
            queues: self.queues.clone(),
            stepwise: true,
        };
        soniq.backend().maintain(default_max_attempts).await?;
        let ran = worker.run(enough, std::future::pending(), Until::Idle);
        ran.await.map(drop)
    }
}
