//! A worker that was told to stop and waits for what runs: what others see of it, and what it hears.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use soniq_runtime::{JobError, Worker};

use crate::support::{
    Running, bed, eventually, gated, handler, probe, row_version, task, wait_for_start,
};

const TOLD: &str = "SELECT count(*) FROM soniq_workers
                    WHERE status = 'active' AND metadata ->> 'draining' = 'true'";

#[tokio::test]
async fn a_worker_that_drains_says_so_while_it_holds_claims() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
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
    bed.wait_for(TOLD, 1).await;
    assert_eq!(shown().await, (true, true, true));
    let running =
        "SELECT count(*) FROM soniq_jobs WHERE status = 'processing' AND worker_id IS NOT NULL";
    assert_eq!(bed.count(running).await, 1);
    // It claims nothing more.
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    gate.add_permits(2);
    stopping.await.unwrap();
    assert_eq!(started.load(Ordering::SeqCst), 1);
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}

/// Whoever takes a draining worker for dead takes its claims, and its handlers hear of it.
#[tokio::test]
async fn claims_lost_in_a_drain_cancel_their_handlers() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let started = Arc::new(AtomicBool::new(false));
    let cancelled = Arc::new(AtomicBool::new(false));
    let (seen, told) = (Arc::clone(&started), Arc::clone(&cancelled));
    let waiting = handler(move |_, context| {
        let (seen, told) = (Arc::clone(&seen), Arc::clone(&told));
        async move {
            seen.store(true, Ordering::SeqCst);
            context.cancelled().await;
            told.store(true, Ordering::SeqCst);
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
    bed.wait_for(TOLD, 1).await;
    assert!(!cancelled.load(Ordering::SeqCst), "a drain waits");
    // As a rescue does, and another worker has the job by now.
    bed.client
        .batch_execute(
            "BEGIN;
             UPDATE soniq_jobs SET worker_id = gen_random_uuid(), attempts = attempts + 1,
               claim_id = nextval('soniq_claim_ids');
             DELETE FROM soniq_workers;
             COMMIT",
        )
        .await
        .unwrap();
    let rescued = row_version(&bed, id).await;
    assert!(eventually(async || cancelled.load(Ordering::SeqCst)).await);
    stopping.await.unwrap();
    assert_eq!(row_version(&bed, id).await, rescued, "nothing is written");
}

/// Its new row says the same: code that hears of nothing keeps the drain going.
#[tokio::test]
async fn a_worker_that_registers_afresh_in_a_drain_drains_on() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
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
    bed.wait_for(TOLD, 1).await;
    let removed = "WITH gone AS (DELETE FROM soniq_workers RETURNING id) SELECT count(*) FROM gone";
    assert_eq!(bed.count(removed).await, 1);
    bed.wait_for(TOLD, 1).await;
    drop(end);
    stopping.await.unwrap();
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}
