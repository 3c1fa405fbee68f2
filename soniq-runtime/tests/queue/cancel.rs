//! Jobs that are called off while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use soniq_runtime::{JobContext, JobError, Worker};
use uuid::Uuid;

use crate::support::{Bed, Running, bed, gated, handler, probe, task, wait_for_start};

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

async fn ends_as(bed: &Bed, status: &str, error: Option<&str>) {
    let sql = format!("SELECT count(*) FROM soniq_jobs WHERE status = '{status}'");
    bed.wait_for(&sql, 1).await;
    let row = bed
        .client
        .query_one("SELECT * FROM soniq_jobs", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, Option<&str>>("last_error"), error);
    assert_eq!(row.get::<_, i32>("attempts"), 1);
    assert_eq!(row.get::<_, Option<Uuid>>("worker_id"), None);
    let kept = "SELECT count(*) FROM soniq_jobs
                WHERE expires_at BETWEEN now() + interval '200 s' AND now() + interval '300 s'";
    assert_eq!(bed.count(kept).await, 1);
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_dead_letter_jobs")
            .await,
        0
    );
}

#[tokio::test]
async fn a_handler_that_stops_leaves_a_cancelled_job() {
    let bed = bed().await;
    let (running, id) = under_way(&bed, Told::Fails).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, "cancelled", Some("stopped")).await;
    running.stop().await;
}

#[tokio::test]
async fn a_handler_that_does_not_stop_is_dropped() {
    let bed = bed().await;
    let (running, id) = under_way(&bed, Told::Ignores).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, "cancelled", Some("called off while it ran")).await;
    running.stop().await;
}

#[tokio::test]
async fn a_handler_that_succeeds_all_the_same_has_done_the_job() {
    let bed = bed().await;
    let (running, id) = under_way(&bed, Told::Succeeds).await;
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    ends_as(&bed, "done", None).await;
    running.stop().await;
}

#[tokio::test]
async fn a_worker_that_missed_the_notification_finds_out_at_its_heartbeat() {
    let bed = bed().await;
    let (running, _) = under_way(&bed, Told::Fails).await;
    let silently = "UPDATE soniq_jobs SET meta = '{\"called_off\": 250}'";
    bed.client.batch_execute(silently).await.unwrap();
    ends_as(&bed, "cancelled", Some("stopped")).await;
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_was_called_off_is_not_rescued() {
    let bed = bed().await;
    let (running, id) = under_way(&bed, Told::Ignores).await;
    running.kill();
    assert!(bed.soniq.jobs().cancel_running(id).await.unwrap());
    let (other, started, _gate) = gated(|| Ok(()));
    let rescuer = Running::start(bed.worker(other));
    ends_as(&bed, "cancelled", None).await;
    assert_eq!(started.load(Ordering::SeqCst), 0);
    rescuer.stop().await;
}

#[tokio::test]
async fn a_claimed_job_that_has_not_started_never_starts() {
    let bed = bed().await;
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
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 2)
        .await;
    assert_eq!(bed.status(last).await.as_deref(), Some("cancelled"));
    assert_eq!(started.load(Ordering::SeqCst), 2);
    running.stop().await;
}

#[tokio::test]
async fn what_does_not_run_is_not_called_off() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    assert!(!bed.soniq.jobs().cancel_running(id).await.unwrap());
    assert!(!bed.soniq.jobs().cancel_running(Uuid::nil()).await.unwrap());
    assert_eq!(bed.status(id).await.as_deref(), Some("queued"));
}
