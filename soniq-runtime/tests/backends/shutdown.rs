//! A worker that is told to stop stops, whatever holds it up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{Error, JobError, Status, Worker};

use crate::bed::Bed;
use crate::probe::{Running, counting, eventually, gated, handler, probe, task, wait_for_start};

conformance! {
    a_handler_that_never_yields_is_left_behind_and_told_of;
    intervals_without_measure_are_taken_as_the_nearest;
    a_shutdown_waits_for_what_runs_and_gives_back_the_rest;
    a_shutdown_out_of_patience_cancels_and_gives_back;
}

const PATIENCE: Duration = Duration::from_secs(20);

async fn a_handler_that_never_yields_is_left_behind_and_told_of(bed: Bed) {
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let soniq = bed.tuned(|settings| settings.shutdown_timeout = Duration::ZERO);
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
    assert_eq!(bed.workers().await.len(), 1);
    drop(release);
}

async fn intervals_without_measure_are_taken_as_the_nearest(bed: Bed) {
    for interval in [Duration::ZERO, Duration::MAX] {
        let (handler, runs) = counting();
        task().enqueue(&bed.soniq, probe(1)).await.unwrap();
        let worker = Worker::builder(&bed.soniq)
            .handler(handler)
            .poll_interval(interval)
            .build()
            .unwrap();
        worker.run_once().await.unwrap();
        assert_eq!(*runs.lock().unwrap(), [1]);
    }
}

async fn a_shutdown_waits_for_what_runs_and_gives_back_the_rest(bed: Bed) {
    task()
        .enqueue_many(&bed.soniq, (0..50).map(probe))
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
    let started = started.load(Ordering::SeqCst) as usize;
    let (done, back): (Vec<_>, Vec<_>) = bed
        .jobs()
        .await
        .into_iter()
        .partition(|job| job.status == Status::Done);
    assert_eq!((done.len(), back.len()), (started, 50 - started));
    assert!(done.iter().all(|job| job.attempts == 1));
    for job in back {
        assert_eq!((job.status, job.attempts), (Status::Queued, 0));
        assert_eq!((job.worker_id, job.last_error), (None, None));
    }
    assert!(bed.workers().await.is_empty());
}

async fn a_shutdown_out_of_patience_cancels_and_gives_back(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (deaf, started, _gate) = gated(|| Ok(()));
    let worker = Worker::builder(&bed.soniq)
        .handler(deaf)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    let worker = Running::start(worker);
    wait_for_start(&started, 1).await;
    worker.stop().await;
    let job = bed.job(id).await;
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
}
