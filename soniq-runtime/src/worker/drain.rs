//! Ends a worker: nothing is lost, and nothing that runs is taken from under its handler before
//! its time is up.

use std::future::Future;
use std::time::Duration;

use super::claim::Engine;
use super::heartbeat::Identity;

/// How long the last ends may take to be written once nothing runs any more.
const LAST_WRITES: Duration = Duration::from_secs(10);

/// How long running jobs are waited for.
pub(super) struct Patience<F> {
    pub(super) timeout: Duration,
    pub(super) force: F,
}

/// Gives back what has not started, waits for what runs, cancels and gives back the rest, and
/// writes every end. Returns the identity that the worker had last and how many attempts ended.
pub(super) async fn drain<F>(mut engine: Engine, patience: Patience<F>) -> (Identity, u64)
where
    F: Future<Output = ()>,
{
    engine.settle_claim().await;
    engine.release_buffered();
    if engine.running() > 0 {
        tracing::info!(jobs = engine.running(), "waiting for running jobs");
    }
    let in_time = tokio::select! {
        () = engine.wait_for_running() => true,
        () = tokio::time::sleep(patience.timeout) => false,
        () = patience.force => false,
    };
    if !in_time {
        tracing::warn!(jobs = engine.running(), "cancelling jobs that still run");
        engine.cancel_running();
        // Each ends by itself, or is given up after its grace and goes back to the queue.
        engine.wait_for_running().await;
    }
    let identity = *engine.identities.borrow();
    let ended = engine.ended;
    let unwritten = engine.finisher.close(LAST_WRITES).await;
    if unwritten > 0 {
        tracing::error!(
            jobs = unwritten,
            "ends were not written; other workers will rescue these jobs and run them again"
        );
    }
    (identity, ended)
}
