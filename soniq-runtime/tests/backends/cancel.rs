//! Jobs that are called off while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use soniq_runtime::{JobContext, JobError, Status, Worker};
use uuid::Uuid;

use crate::bed::Bed;
use crate::probe::{Running, gated, handler, probe, task, wait_for_start};

conformance! {
    a_handler_that_stops_leaves_a_cancelled_job;
    a_handler_that_does_not_stop_is_dropped;
    a_handler_that_succeeds_all_the_same_has_done_the_job;
    a_worker_that_missed_the_notification_finds_out_at_its_heartbeat;
    a_job_that_was_called_off_is_not_rescued;
    a_claimed_job_that_has_not_started_never_starts;
    what_does_not_run_is_not_called_off;
}

/// What a handler does that was told to stop.
#[derive(Clone, Copy)]
enum Told {
    Fails,
    Succeeds,
    Ignores,
}

/// One job under way, whose handler waits until it is told to stop.
async fn under_way(bed: &Bed, told: Told) -> (Running, Uuid) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let started = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&started);
    let waiting = handler(move |_, context: JobContext| {
        seen.fetch_add(1, Ordering::SeqCst);
        async move {
            context.cancelled().await;
            match told {
                Told::Fails => Err(JobError::permanent("stopped")),
                Told::Succeeds => Ok(()),
                Told::Ignores => std::future::pending().await,
            }
        }
    });
    let running = Running::start(bed.worker(waiting));
    wait_for_start(&started, 1).await;
    (running, id)
}

async fn ends_as(bed: &Bed, status: Status, error: Option<&str>) {
    bed.wait_for(status, 1).await;
    let jobs = bed.jobs().await;
    let [job] = &jobs[..] else {
        panic!("one job, not {jobs:?}");
    };
    assert_eq!(job.last_error.as_deref(), error);
    assert_eq!((job.attempts, job.worker_id), (1, None));
    let kept = job.expires_at.unwrap() - bed.now().await;
    assert!((200..=300).contains(&kept.num_seconds()), "{kept}");
    assert_eq!(bed.dead_letters().await.len(), 0);
}

async fn a_handler_that_stops_leaves_a_cancelled_job(bed: Bed) {
    let (running, id) = under_way(&bed, Told::Fails).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, Status::Cancelled, Some("stopped")).await;
    running.stop().await;
}

async fn a_handler_that_does_not_stop_is_dropped(bed: Bed) {
    let (running, id) = under_way(&bed, Told::Ignores).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, Status::Cancelled, Some("called off while it ran")).await;
    running.stop().await;
}

async fn a_handler_that_succeeds_all_the_same_has_done_the_job(bed: Bed) {
    let (running, id) = under_way(&bed, Told::Succeeds).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, Status::Done, None).await;
    running.stop().await;
}

async fn a_worker_that_missed_the_notification_finds_out_at_its_heartbeat(bed: Bed) {
    let (running, id) = under_way(&bed, Told::Fails).await;
    bed.call_off_silently(id).await;
    ends_as(&bed, Status::Cancelled, Some("stopped")).await;
    running.stop().await;
}

async fn a_job_that_was_called_off_is_not_rescued(bed: Bed) {
    let (running, id) = under_way(&bed, Told::Ignores).await;
    running.kill();
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    let (other, started, _gate) = gated(|| Ok(()));
    let rescuer = Running::start(bed.worker(other));
    ends_as(&bed, Status::Cancelled, None).await;
    assert_eq!(started.load(Ordering::SeqCst), 0);
    rescuer.stop().await;
}

async fn a_claimed_job_that_has_not_started_never_starts(bed: Bed) {
    let (handler, started, gate) = gated(|| Ok(()));
    let jobs = task()
        .enqueue_many(&bed.soniq, (0..3).map(probe))
        .await
        .unwrap();
    let one_at_a_time = Worker::builder(&bed.soniq).handler(handler).concurrency(1);
    let running = Running::start(one_at_a_time.build().unwrap());
    wait_for_start(&started, 1).await;
    let last = jobs[2].id();
    // Whether it waits in the worker or in the queue is the worker's to choose.
    let soniq = &bed.soniq;
    assert!(
        soniq.jobs().cancel_running(last).await.unwrap()
            || soniq.jobs().cancel(last).await.unwrap()
    );
    gate.add_permits(3);
    bed.wait_for(Status::Done, 2).await;
    assert_eq!(bed.status(last).await, Some(Status::Cancelled));
    assert_eq!(started.load(Ordering::SeqCst), 2);
    running.stop().await;
}

async fn what_does_not_run_is_not_called_off(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    assert!(!bed.soniq.jobs().cancel_running(id).await.unwrap());
    assert!(!bed.soniq.jobs().cancel_running(Uuid::nil()).await.unwrap());
    assert_eq!(bed.status(id).await, Some(Status::Queued));
}
