//! Runs what is due, until nothing is.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::Drained;
use super::drained::Attempt;
use crate::backend::memory::Memory;
use crate::error::Error;
use crate::middleware::Hook;
use crate::soniq::Soniq;
use crate::worker::Worker;

/// With the feature `testing`, on every store.
impl Soniq {
    /// Runs every job that is due with `worker`'s handlers, what those enqueue included, and says how
    /// each attempt ended. A retry that is due later stays; see [`advance`](Self::advance). Finished
    /// jobs past their time are deleted first, as a worker does now and then.
    ///
    /// Jobs run one after the other, in the order in which a worker would claim them, each when the
    /// one before is written. On the store in memory the clock stands still meanwhile, so a test does
    /// the same each time. Handlers that wait for each other need
    /// [`Worker::run_until`](crate::Worker::run_until) instead.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// let worker = Worker::builder(&soniq).handler(ship(|args| {
    ///     if args.order == 13 { Err(JobError::permanent("unlucky")) } else { Ok(()) }
    /// })).build()?;
    ///
    /// let orders = (12..15).map(|order| Ship { order });
    /// EnqueueOptions::default().enqueue_many(&soniq, orders).await?;
    ///
    /// soniq.drain(&worker).await?.assert_done(2).assert_dead_lettered(1);
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As for [`Worker::run_once`](crate::Worker::run_once).
    pub async fn drain(&self, worker: &Worker) -> Result<Drained, Error> {
        let (hook, attempts) = recorder(|| {});
        self.watch(worker, std::future::pending(), hook).await?;
        Ok(attempts.take())
    }

    /// As [`drain`](Self::drain), and stops after one attempt: of the job that a worker would claim
    /// first.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// let worker = Worker::builder(&soniq).handler(ship(|_| Ok(()))).build()?;
    /// let orders = (1..3).map(|order| Ship { order });
    /// EnqueueOptions::default().enqueue_many(&soniq, orders).await?;
    ///
    /// soniq.run_one(&worker).await?.assert_done(1);
    /// soniq.assert_enqueued_times(SHIP, 1, |args| args.order == 2).await;
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As for [`Worker::run_once`](crate::Worker::run_once).
    pub async fn run_one(&self, worker: &Worker) -> Result<Drained, Error> {
        let ended = Arc::new(Notify::new());
        let tell = Arc::clone(&ended);
        // The end is told before the worker looks for another job.
        let (hook, attempts) = recorder(move || tell.notify_one());
        self.watch(worker, ended.notified(), hook).await?;
        Ok(attempts.take())
    }

    async fn watch(
        &self,
        worker: &Worker,
        enough: impl Future<Output = ()>,
        hook: Hook,
    ) -> Result<(), Error> {
        let held = self.backend().as_memory().map(Memory::hold_clock);
        let ran = worker.run_watched(self, enough, hook).await;
        drop(held);
        ran
    }
}

/// Attempts as they end.
#[derive(Debug, Clone, Default)]
struct Recorded(Arc<Mutex<Vec<Attempt>>>);

impl Recorded {
    fn push(&self, attempt: Attempt) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.push(attempt);
    }

    fn take(&self) -> Drained {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Drained::new(std::mem::take(&mut attempts))
    }
}

/// A hook that records each end and then calls `tell`.
fn recorder(tell: impl Fn() + Send + Sync + 'static) -> (Hook, Recorded) {
    let recorded = Recorded::default();
    let own = recorded.clone();
    let hook: Hook = Arc::new(move |end| {
        own.push(Attempt::new(end));
        tell();
    });
    (hook, recorded)
}
