//! Ends a worker: nothing is lost, and nothing that runs is taken from under its handler before
//! its time is up.

use std::future::Future;
use std::time::Duration;

use super::engine::Engine;
use super::heartbeat::Identity;
use super::run::CANCEL_GRACE;

/// How long a claim under way is waited for in any case.
const SETTLE_GRACE: Duration = Duration::from_secs(1);

/// How long the last ends may take to be written once nothing runs any more.
const LAST_WRITES: Duration = Duration::from_secs(10);

/// How a worker ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drained {
    pub(super) identity: Identity,
    /// Attempts that ended.
    pub(super) ended: u64,
    /// Handlers that did not stop though they were told to.
    pub(super) abandoned: usize,
    /// Whether the table holds no claim of this worker any more, as far as it knows.
    pub(super) clean: bool,
}

/// Waits up to `timeout`, or until `force`, for what runs; cancels and gives back the rest; writes
/// every end. What has not started goes back at once. Blocking code is waited for until `force`: a
/// job is never given back while it runs.
pub(super) async fn drain(
    mut engine: Engine,
    timeout: Duration,
    force: impl Future<Output = ()>,
) -> Drained {
    let mut force = std::pin::pin!(force);
    let mut forced = false;
    // However short the patience is: a claim is nearly always answered at once, and rows of one
    // that is not waited for stay claimed until they are rescued.
    let _ = tokio::time::timeout(SETTLE_GRACE, engine.settle()).await;
    engine.release_buffered();
    if engine.running() > 0 {
        tracing::info!(jobs = engine.running(), "waiting for running jobs");
    }
    let in_time = tokio::select! {
        () = engine.wind_down() => true,
        () = tokio::time::sleep(timeout) => false,
        () = &mut force => {
            forced = true;
            false
        }
    };
    if !in_time {
        engine.release_buffered();
        if engine.running() > 0 {
            tracing::warn!(jobs = engine.running(), "cancelling jobs that still run");
        }
        engine.cancel_running();
        // Each ends by itself, or is given up after its grace and goes back to the queue; only a
        // handler that never yields does neither.
        let grace = CANCEL_GRACE + Duration::from_secs(1);
        let mut ended = tokio::time::timeout(grace, engine.wait_for_running())
            .await
            .is_ok();
        if !ended && engine.blocks() && !forced {
            tracing::warn!(
                jobs = engine.running(),
                "waiting for blocking code that nothing can stop; a second signal ends the wait"
            );
            ended = tokio::select! {
                () = engine.wait_for_running() => true,
                () = force => false,
            };
        }
        if !ended {
            tracing::error!(
                jobs = engine.running(),
                "handlers that do not yield were left behind; other workers will run their jobs"
            );
        }
    }
    let (identity, ended) = (engine.identity(), engine.ended());
    let (abandoned, settled) = (engine.running(), engine.is_settled());
    let unwritten = engine.close(LAST_WRITES).await;
    if unwritten > 0 {
        tracing::error!(
            jobs = unwritten,
            "ends were not written; other workers will rescue these jobs and run them again"
        );
    }
    Drained {
        identity,
        ended,
        abandoned,
        clean: settled && abandoned == 0 && unwritten == 0,
    }
}
