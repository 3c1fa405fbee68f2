//! A worker that was told to stop and waits for what runs: what others see of it, and what it hears.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use soniq_runtime::{JobError, Status, Worker};

use crate::bed::Bed;
use crate::probe::{Running, eventually, gated, handler, probe, task, wait_for_start};

conformance! {
    a_worker_that_drains_says_so_while_it_holds_claims;
    claims_lost_in_a_drain_cancel_their_handlers;
    a_worker_that_registers_afresh_in_a_drain_drains_on;
}

/// Waits until the one worker says that it drains.
async fn told(bed: &Bed) {
    bed.wait_until("draining workers", 1, async || {
        let workers = bed.workers().await.into_iter();
        workers.filter(|worker| worker.draining).count()
    })
    .await;
}

async fn a_worker_that_drains_says_so_while_it_holds_claims(bed: Bed) {
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let (slow, started, gate) = gated(|| Ok(()));
    let worker = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    let shown = async || {
        let stats = bed.soniq.stats().await.unwrap();
        let fleet = bed.soniq.fleet().await.unwrap();
        assert_eq!(stats.workers[0].status, "active");
        (
            stats.workers[0].draining,
            fleet.workers[0].draining,
            stats.to_string().contains(" draining ["),
        )
    };
    assert_eq!(shown().await, (false, false, false));
    let stopping = tokio::spawn(worker.stop());
    told(&bed).await;
    assert_eq!(shown().await, (true, true, true));
    let held = bed.jobs().await;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].status, Status::Processing);
    assert!(held[0].worker_id.is_some());
    // It claims nothing more.
    task().enqueue(&bed.soniq, probe(2)).await.unwrap();
    gate.add_permits(2);
    stopping.await.unwrap();
    assert_eq!(started.load(Ordering::SeqCst), 1);
    assert!(bed.workers().await.is_empty());
}

/// Whoever takes a draining worker for dead takes its claims, and its handlers hear of it.
async fn claims_lost_in_a_drain_cancel_their_handlers(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let started = Arc::new(AtomicBool::new(false));
    let cancelled = Arc::new(AtomicBool::new(false));
    let (seen, hears) = (Arc::clone(&started), Arc::clone(&cancelled));
    let waiting = handler(move |_, context| {
        let (seen, hears) = (Arc::clone(&seen), Arc::clone(&hears));
        async move {
            seen.store(true, Ordering::SeqCst);
            context.cancelled().await;
            hears.store(true, Ordering::SeqCst);
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&bed.soniq)
        .handler(waiting)
        // Only the loss of its claim ends the wait.
        .shutdown_timeout(Duration::from_secs(3600))
        .build()
        .unwrap();
    let worker = Running::start(worker);
    assert!(eventually(async || started.load(Ordering::SeqCst)).await);
    let stopping = tokio::spawn(worker.stop());
    told(&bed).await;
    assert!(!cancelled.load(Ordering::SeqCst), "a drain waits");
    // As a rescue does, and another worker has the job by now.
    bed.hand_over(id).await;
    bed.forget_workers().await;
    let rescued = bed.everything_about(id).await;
    assert!(eventually(async || cancelled.load(Ordering::SeqCst)).await);
    stopping.await.unwrap();
    assert_eq!(
        bed.everything_about(id).await,
        rescued,
        "nothing is written"
    );
}

/// Its new row says the same: code that hears of nothing keeps the drain going.
async fn a_worker_that_registers_afresh_in_a_drain_drains_on(bed: Bed) {
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let started = Arc::new(AtomicU32::new(0));
    let (end, ended) = mpsc::channel::<()>();
    let ended = Arc::new(Mutex::new(ended));
    let seen = Arc::clone(&started);
    let deaf = handler(move |_, context| {
        let (seen, ended) = (Arc::clone(&seen), Arc::clone(&ended));
        async move {
            let wait = move || {
                seen.fetch_add(1, Ordering::SeqCst);
                let _ = ended.lock().unwrap().recv();
            };
            context.blocking(wait).await
        }
    });
    let worker = Running::start(bed.worker(deaf));
    wait_for_start(&started, 1).await;
    let stopping = tokio::spawn(worker.stop());
    told(&bed).await;
    bed.forget_workers().await;
    told(&bed).await;
    drop(end);
    stopping.await.unwrap();
    assert!(bed.workers().await.is_empty());
}
