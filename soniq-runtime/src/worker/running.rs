//! The handlers that run, each in a task of its own.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::complete::Door;
use crate::backend::{Fence, Finish};

/// What one job's task leaves.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) fence: Fence,
    pub(super) took: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Running {
    tasks: JoinSet<Ran>,
    /// Tell a handler to stop.
    cancels: HashMap<Fence, CancellationToken>,
}

impl Running {
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Runs a job to its end, which goes through `door` before this says that it ended.
    pub(super) fn start<R>(
        &mut self,
        fence: Fence,
        door: Door,
        run: impl FnOnce(CancellationToken) -> R,
    ) where
        R: Future<Output = Finish> + Send + 'static,
    {
        let cancel = CancellationToken::new();
        self.cancels.insert(fence, cancel.clone());
        let ending = run(cancel);
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
                Some(Ok(ran)) => {
                    self.cancels.remove(&ran.fence);
                    return ran;
                }
                // Only a task that was aborted or that panicked outside its handler, which none
                // does; if one did, its claim is found by the audit.
                Some(Err(error)) => tracing::error!(%error, "a job's task did not end well"),
                None => std::future::pending().await,
            }
        }
    }

    /// Tells every handler to stop.
    pub(super) fn cancel_all(&self) {
        for cancel in self.cancels.values() {
            cancel.cancel();
        }
    }

    pub(super) fn fences(&self) -> impl Iterator<Item = Fence> {
        self.cancels.keys().copied()
    }
}
