//! From queued to done: what runs, when, and in which order.

use std::sync::Arc;
use std::time::Duration;

use soniq_runtime::{Enqueuer, JobError, NewJob, Status, Worker};

use crate::bed::Bed;
use crate::probe::{Running, counting, handler, probe, task};

conformance! {
    jobs_run_once_and_are_done;
    a_waiting_worker_is_woken_by_an_enqueue;
    a_result_is_kept_for_as_long_as_the_settings_say;
    jobs_of_other_tasks_and_queues_are_left_alone;
    a_better_priority_runs_first_and_then_who_was_due_first;
    a_cancelled_job_does_not_run;
    finished_rows_past_their_time_are_deleted;
    jobs_claimed_ahead_do_not_wait_behind_a_long_one;
}

async fn jobs_run_once_and_are_done(bed: Bed) {
    let (handler, runs) = counting();
    task()
        .enqueue_many(&bed.soniq, (0..250).map(probe))
        .await
        .unwrap();
    assert_eq!(bed.worker(handler).run_once().await.unwrap(), 250);
    let mut seen = runs.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..250).collect::<Vec<_>>());
    let now = bed.now().await;
    let jobs = bed.jobs().await;
    assert_eq!(jobs.len(), 250);
    for job in jobs {
        assert_eq!((job.status, job.attempts), (Status::Done, 1));
        assert_eq!(job.worker_id, None);
        assert!(job.expires_at.unwrap() > now);
    }
    assert_eq!(bed.claims().await, 0);
    assert!(bed.workers().await.is_empty());
}

async fn a_waiting_worker_is_woken_by_an_enqueue(bed: Bed) {
    let soniq = bed.tuned(|settings| settings.poll_interval = Duration::from_secs(3600));
    let (handler, _) = counting();
    let running = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for_workers(1).await;
    for round in 1..=3 {
        task().enqueue(&soniq, probe(1)).await.unwrap();
        bed.wait_for(Status::Done, round).await;
    }
    // Due later: it starts then, though nobody wakes the worker and the poll is an hour off.
    task()
        .delay(Duration::from_millis(300))
        .enqueue(&soniq, probe(4))
        .await
        .unwrap();
    bed.wait_for(Status::Done, 4).await;
    running.stop().await;
}

async fn a_result_is_kept_for_as_long_as_the_settings_say(bed: Bed) {
    let returning = handler(|args, _| async move { Ok::<_, JobError>(Doubled(args.n * 2)) });
    let id = task().enqueue(&bed.soniq, probe(21)).await.unwrap().id();
    bed.worker(returning.clone()).run_once().await.unwrap();
    let job = bed.job(id).await;
    assert_eq!(job.status, Status::Done);
    assert_eq!(job.result, Some(serde_json::json!(42)));

    let soniq = bed.tuned(|settings| settings.result_ttl = Duration::ZERO);
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let worker = Worker::builder(&soniq).handler(returning).build().unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(bed.status(id).await, None);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Doubled(i64);

impl soniq_runtime::Checked for Doubled {
    fn check(_: &serde_json::Value, _: &mut soniq_runtime::check::Checker) {}
}

async fn jobs_of_other_tasks_and_queues_are_left_alone(bed: Bed) {
    let unknown = NewJob::new("test.unknown.v1", serde_json::json!({})).unwrap();
    (&bed.soniq).insert(unknown).await.unwrap();
    task()
        .queue("other")
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap();
    let (handler, runs) = counting();
    bed.worker(handler.clone()).run_once().await.unwrap();
    assert!(runs.lock().unwrap().is_empty());
    let running = Running::start(bed.worker(handler));
    bed.wait_for_workers(1).await;
    let stats = bed.soniq.stats().await.unwrap();
    let unhandled: Vec<(&str, &str)> = stats
        .unhandled
        .iter()
        .map(|jobs| (jobs.job_name.as_str(), jobs.queue.as_str()))
        .collect();
    assert_eq!(
        unhandled,
        [("test.probe.v1", "other"), ("test.unknown.v1", "default")]
    );
    running.stop().await;
    assert_eq!(bed.count(Status::Queued).await, 2);
}

async fn a_better_priority_runs_first_and_then_who_was_due_first(bed: Bed) {
    for (n, priority) in [(1, 100), (2, 100), (3, 10), (4, 1000)] {
        task()
            .priority(priority)
            .enqueue(&bed.soniq, probe(n))
            .await
            .unwrap();
    }
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .concurrency(1)
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [3, 1, 2, 4]);
}

async fn a_cancelled_job_does_not_run(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    assert!(bed.soniq.jobs().cancel(id).await.unwrap());
    assert!(!bed.soniq.jobs().cancel(id).await.unwrap());
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert!(runs.lock().unwrap().is_empty());
    let job = bed.job(id).await;
    assert_eq!(job.status, Status::Cancelled);
    assert!(job.expires_at.is_some());
}

async fn finished_rows_past_their_time_are_deleted(bed: Bed) {
    let (handler, _) = counting();
    let soniq = bed.tuned(|settings| settings.result_ttl = Duration::from_millis(1));
    task()
        .enqueue_many(&bed.soniq, (0..20).map(probe))
        .await
        .unwrap();
    let running = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_until("jobs", 0, async || bed.jobs().await.len())
        .await;
    running.stop().await;
}

async fn jobs_claimed_ahead_do_not_wait_behind_a_long_one(bed: Bed) {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let opens = Arc::clone(&gate);
    let handler = handler(move |args, _| {
        let opens = Arc::clone(&opens);
        async move {
            if args.n == -1 {
                let _open = opens.acquire().await?;
            }
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .concurrency(1)
        .build()
        .unwrap();
    let busy = Running::start(worker.clone());
    // Many short ones first, so that it claims far ahead.
    let short = (0..200).map(probe);
    task().enqueue_many(&bed.soniq, short).await.unwrap();
    bed.wait_for(Status::Done, 200).await;
    let long = std::iter::once(-1).chain(1000..1050).map(probe);
    task().enqueue_many(&bed.soniq, long).await.unwrap();
    let idle = Running::start(worker);
    bed.wait_for(Status::Done, 250).await;
    gate.add_permits(1);
    bed.wait_for(Status::Done, 251).await;
    busy.stop().await;
    idle.stop().await;
}
