//! The handlers that run, each in a task of its own.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::complete::Door;
use crate::backend::{Fence, Finish};
use crate::blocking::Blocking;

/// What one job's task leaves.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) fence: Fence,
    pub(super) took: Duration,
}

/// Tells one handler to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop {
    pub(super) token: CancellationToken,
    called_off: Arc<AtomicBool>,
    pub(super) blocking: Blocking,
}

impl Stop {
    /// Whether that is because the job was called off: then it goes nowhere any more.
    pub(super) fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Acquire)
    }
}

#[derive(Debug, Default)]
pub(super) struct Running {
    tasks: JoinSet<Ran>,
    stops: HashMap<Fence, Stop>,
}

impl Running {
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Runs a job to its end, which goes through `door` before this says that it ended.
    pub(super) fn start<R>(&mut self, fence: Fence, door: Door, run: impl FnOnce(Stop) -> R)
    where
        R: Future<Output = Finish> + Send + 'static,
    {
        let stop = Stop::default();
        self.stops.insert(fence, stop.clone());
        let ending = run(stop);
        self.tasks.spawn(async move {
            let started = Instant::now();
            let finish = ending.await;
            let took = started.elapsed();
            door.hand_over(finish);
            Ran { fence, took }
        });
    }

    /// The next job to end; pending while none runs.
    pub(super) async fn next_end(&mut self) -> Ran {
        loop {
            match self.tasks.join_next().await {
                Some(end) => {
                    if let Some(ran) = self.forget(end) {
                        return ran;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// A job that has ended already.
    pub(super) fn ended(&mut self) -> Option<Ran> {
        loop {
            let end = self.tasks.try_join_next()?;
            if let Some(ran) = self.forget(end) {
                return Some(ran);
            }
        }
    }

    fn forget(&mut self, end: Result<Ran, JoinError>) -> Option<Ran> {
        match end {
            Ok(ran) => {
                self.stops.remove(&ran.fence);
                Some(ran)
            }
            // Only a task that was aborted or that panicked outside its handler, which none does; if
            // one did, its claim is found by the audit.
            Err(error) => {
                tracing::error!(%error, "a job's task did not end well");
                None
            }
        }
    }

    /// Tells every handler to stop.
    pub(super) fn cancel_all(&self) {
        for stop in self.stops.values() {
            stop.token.cancel();
        }
    }

    /// Tells the handler of a job that was called off to stop, if it runs here.
    pub(super) fn call_off(&self, job: Uuid) {
        for (fence, stop) in &self.stops {
            if fence.id == job {
                stop.called_off.store(true, Ordering::Release);
                stop.token.cancel();
            }
        }
    }

    /// Whether code that nothing can stop runs.
    pub(super) fn blocks(&self) -> bool {
        self.stops.values().any(|stop| stop.blocking.runs())
    }

    pub(super) fn fences(&self) -> impl Iterator<Item = Fence> {
        self.stops.keys().copied()
    }
}
