//! A worker that is told to stop stops, whatever holds it up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{Error, JobError, Soniq, Status, Worker};

use crate::support::{
    Running, bed, counting, eventually, gated, handler, probe, quick, task, wait_for_start,
};

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

#[tokio::test]
async fn a_shutdown_waits_for_what_runs_and_gives_back_the_rest() {
    let bed = bed().await;
    task()
        .enqueue_many(&bed.client, (0..50).map(probe))
        .await
        .unwrap();
    let (slow, started, gate) = gated(|| Ok(()));
    let worker = Running::start(bed.worker(slow));
    wait_for_start(&started, 4).await;
    // Told to stop first; only then may the handlers end.
    let stopping = worker.stop();
    tokio::pin!(stopping);
    tokio::select! {
        biased;
        () = &mut stopping => panic!("it did not wait"),
        () = tokio::time::sleep(Duration::from_millis(100)) => gate.add_permits(4),
    }
    stopping.await;
    let started = i64::from(started.load(Ordering::SeqCst));
    let done = "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 1";
    assert_eq!(bed.count(done).await, started);
    let back = "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' AND attempts = 0 \
                AND worker_id IS NULL AND last_error IS NULL";
    assert_eq!(bed.count(back).await, 50 - started);
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}

#[tokio::test]
async fn a_shutdown_out_of_patience_cancels_and_gives_back() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let (deaf, started, _gate) = gated(|| Ok(()));
    let worker = Worker::builder(&bed.soniq)
        .handler(deaf)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    let worker = Running::start(worker);
    wait_for_start(&started, 1).await;
    worker.stop().await;
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
}
