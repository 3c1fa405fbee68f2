//! A worker that is told to stop stops, whatever holds it up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{Error, JobError, Soniq, Worker};

use crate::support::{bed, counting, eventually, handler, probe, quick, task};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_forced_shutdown_ends_though_a_claim_waits_for_a_lock() {
    let mut bed = bed().await;
    let (handler, _) = counting();
    let worker = bed.worker(handler);
    let other = bed.database.connect().await.unwrap();
    let lock = bed.client.transaction().await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let run = tokio::spawn(async move {
        let force = std::future::ready(());
        worker
            .run_until_forced(async { drop(stopped.await) }, force)
            .await
    });
    lock.batch_execute("LOCK TABLE soniq_jobs IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    // The worker's claim waits for that lock.
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    assert!(
        eventually(async || {
            let row = other.query_one(waiting, &[]).await.unwrap();
            row.get::<_, i64>(0) > 0
        })
        .await
    );
    drop(stop);
    let ended = tokio::time::timeout(PATIENCE, run).await;
    assert!(ended.is_ok(), "a second signal does not wait");
}

#[tokio::test]
async fn a_handler_that_never_yields_is_left_behind_and_told_of() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let mut settings = quick(bed.database.url());
    settings.shutdown_timeout = Duration::ZERO;
    let soniq = Soniq::with_settings(settings).unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let seen = Arc::clone(&runs);
    let blocks = handler(move |_, _| {
        seen.fetch_add(1, Ordering::SeqCst);
        // Foreign code that blocks its thread.
        let _ = blocked.lock().unwrap().recv_timeout(PATIENCE * 2);
        async { Ok::<(), JobError>(()) }
    });
    let worker = Worker::builder(&soniq).handler(blocks).build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(3)
            .enable_all()
            .build()
            .unwrap();
        let ended = runtime.block_on(worker.run_until(async { drop(stopped.await) }));
        let _ = tell.send(ended);
        runtime.shutdown_background();
    });
    assert!(eventually(async || runs.load(Ordering::SeqCst) == 1).await);
    drop(stop);
    let ended = tokio::time::timeout(PATIENCE, told).await.unwrap().unwrap();
    assert!(
        matches!(ended, Err(Error::LeftBehind { jobs: 1 })),
        "{ended:?}"
    );
    // Its row stays, so that others find its claim.
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 1);
    drop(release);
}

#[tokio::test]
async fn intervals_without_measure_are_taken_as_the_nearest() {
    let bed = bed().await;
    for interval in [Duration::ZERO, Duration::MAX] {
        let (handler, runs) = counting();
        task().enqueue(&bed.client, probe(1)).await.unwrap();
        let worker = Worker::builder(&bed.soniq)
            .handler(handler)
            .poll_interval(interval)
            .build()
            .unwrap();
        worker.run_once().await.unwrap();
        assert_eq!(*runs.lock().unwrap(), [1]);
    }
}
