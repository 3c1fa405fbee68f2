//! Code of handlers that blocks its thread.

use std::sync::Arc;

use tokio::sync::watch;

use crate::job::{JobContext, JobError};

/// How much blocking code of one job runs at this moment.
#[derive(Debug, Clone)]
pub(crate) struct Blocking(Arc<watch::Sender<usize>>);

impl Default for Blocking {
    fn default() -> Self {
        Blocking(Arc::new(watch::Sender::new(0)))
    }
}

/// One piece of it, until it is dropped.
struct Piece(Blocking);

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.0.send_modify(|pieces| *pieces -= 1);
    }
}

impl Blocking {
    fn begin(&self) -> Piece {
        self.0.send_modify(|pieces| *pieces += 1);
        Piece(self.clone())
    }

    pub(crate) fn runs(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Completes when none runs.
    pub(crate) async fn ended(&self) {
        let mut pieces = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = pieces.wait_for(|pieces| *pieces == 0).await;
    }
}

impl JobContext {
    /// Runs `work`, which may block its thread, on tokio's pool for such code.
    ///
    /// Nothing can stop it: the job counts as running until `work` has returned, so it never runs
    /// twice at a time. A timeout drops the handler meanwhile; a shutdown and a cancellation let it
    /// go on from here, for a second. Work that may take long should look at
    /// [`is_cancelled`](Self::is_cancelled).
    ///
    /// ```no_run
    /// # async fn example(ctx: &soniq_runtime::JobContext) -> Result<(), soniq_runtime::JobError> {
    /// let digest = ctx.blocking(|| std::fs::read("/var/lib/app/large.bin")).await??;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When `work` panics; the attempt has failed then.
    pub async fn blocking<T, F>(&self, work: F) -> Result<T, JobError>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let piece = self.blocking_code().begin();
        let running = tokio::task::spawn_blocking(move || {
            let ended = work();
            drop(piece);
            ended
        });
        running.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => JobError::retry(format!("panicked: {}", words(&*panic))),
            // Only a runtime that shuts down cancels what has not begun.
            Err(error) => JobError::retry(error),
        })
    }
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text")
}
