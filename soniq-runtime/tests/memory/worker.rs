//! A worker runs on the store in memory as on any other.

use std::time::Duration;

use soniq_runtime::testing::{self, Fault};
use soniq_runtime::{Error, JobError, Soniq, Status, Worker};

use crate::support::{HOUR, Ship, handler, ship, shipping};

#[tokio::test]
async fn jobs_run_once_and_are_done() {
    let soniq = testing::memory();
    let jobs = (0..250).map(|order| Ship { order });
    let enqueued = ship().enqueue_many(&soniq, jobs).await.unwrap();
    let worker = Worker::builder(&soniq).handler(shipping()).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 250);
    for job in enqueued {
        let job = soniq.jobs().get(job.id()).await.unwrap().unwrap();
        assert_eq!((job.status, job.attempts), (Status::Done, 1));
    }
    let stats = soniq.stats().await.unwrap();
    assert_eq!((stats.queues[0].done, stats.workers.len()), (250, 0));
}

/// The poll is an hour off, so it is the enqueue and the clock that wake the worker.
#[tokio::test]
async fn a_waiting_worker_is_woken_by_an_enqueue_and_by_the_clock() {
    let mut settings = testing::memory().settings().clone();
    settings.poll_interval = HOUR;
    let soniq = Soniq::with_settings(settings).unwrap();
    let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
    let handler = handler(move |args, _| {
        let _ = ran.send(args.order);
        async { Ok(()) }
    });
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        worker.run_until(stopped).await
    });
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(20), runs.recv()).await;
        next.expect("nobody woke the worker").unwrap()
    };
    ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap();
    assert_eq!(next().await, 1);
    let later = ship().delay(24 * HOUR);
    later.enqueue(&soniq, Ship { order: 2 }).await.unwrap();
    soniq.advance(24 * HOUR).unwrap();
    assert_eq!(next().await, 2);
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn faults_are_told_and_got_over() {
    let soniq = testing::memory();
    soniq.fail_next(Fault::Enqueue).unwrap();
    let refused = ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap_err();
    assert!(matches!(refused, Error::Injected { .. }), "{refused}");
    assert!(refused.is_transient());
    let id = ship()
        .enqueue(&soniq, Ship { order: 1 })
        .await
        .unwrap()
        .id();
    soniq.fail_next(Fault::Claim).unwrap();
    soniq.fail_next(Fault::Completion).unwrap();
    let worker = Worker::builder(&soniq).handler(shipping()).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 1);
    let job = soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!((job.status, job.attempts), (Status::Done, 1));
}

#[tokio::test]
async fn a_job_that_fails_for_good_is_a_dead_letter_that_can_be_replayed() {
    let soniq = testing::memory();
    let failing = handler(|_, _| async { Err(JobError::permanent("no such order")) });
    let id = ship()
        .enqueue(&soniq, Ship { order: 1 })
        .await
        .unwrap()
        .id();
    let worker = Worker::builder(&soniq).handler(failing).build().unwrap();
    worker.run_once().await.unwrap();
    assert!(soniq.jobs().get(id).await.unwrap().is_none());
    let letter = soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(letter.reason, "permanent_failure");
    assert_eq!(letter.last_error.as_deref(), Some("no such order"));
    let new = soniq.dead_letter().replay(id).await.unwrap().unwrap();
    let worker = Worker::builder(&soniq).handler(shipping()).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 1);
    let job = soniq.jobs().get(new).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Done);
    let letter = soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(letter.resurrection_count, 1);
}

#[tokio::test]
async fn handles_with_one_url_share_a_store_with_settings_of_their_own() {
    let first = testing::memory();
    let mut settings = first.settings().clone();
    settings.priority = 7;
    let second = Soniq::with_settings(settings).unwrap();
    let id = ship()
        .enqueue(&second, Ship { order: 1 })
        .await
        .unwrap()
        .id();
    let job = first.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.priority, 7);
    assert!(testing::memory().jobs().get(id).await.unwrap().is_none());
}
