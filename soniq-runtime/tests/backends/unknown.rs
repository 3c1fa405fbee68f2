//! Jobs in a worker's queues that it has no handler for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use soniq_runtime::{Due, Enqueuer, JobError, NewJob, Status, TaskHandlerBuilder, Unknown, Worker};
use tokio::sync::Semaphore;

use crate::bed::Bed;
use crate::probe::{Probe, Running, counting, eventually, probe, task, wait_for_start};

conformance! {
    jobs_that_nobody_handles_stay_and_are_reported;
    a_worker_that_clears_its_queues_dead_letters_what_is_due_there;
    a_paused_queue_is_left_alone;
    it_takes_jobs_from_under_other_workers_of_its_queue;
    workers_that_clear_one_queue_together_move_each_job_once;
}

const OTHER: &str = "test.other.v1";

/// A job of a task that no worker here handles.
fn other() -> NewJob {
    NewJob::new(OTHER, json!({ "n": 1 })).unwrap()
}

async fn enqueue(bed: &Bed, job: NewJob) {
    (&bed.soniq).insert(job).await.unwrap();
}

fn clearing(bed: &Bed) -> (Worker, Arc<Mutex<Vec<i64>>>) {
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .queues(["default", "bulk"])
        .unknown(Unknown::DeadLetter)
        .build()
        .unwrap();
    (worker, runs)
}

async fn jobs_that_nobody_handles_stay_and_are_reported(bed: Bed) {
    enqueue(&bed, other()).await;
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    assert!(eventually(async || runs.lock().unwrap().len() == 1).await);
    let stats = bed.soniq.stats().await.unwrap();
    let unhandled: Vec<_> = stats
        .unhandled
        .iter()
        .map(|task| (task.job_name.as_str(), task.queue.as_str(), task.queued))
        .collect();
    assert_eq!(unhandled, [(OTHER, "default", 1)]);
    worker.stop().await;
    let left = bed.jobs_of(OTHER).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].status, left[0].attempts), (Status::Queued, 0));
    assert_eq!(stats.dead_letters, 0);
}

async fn a_worker_that_clears_its_queues_dead_letters_what_is_due_there(bed: Bed) {
    // Many batches.
    let many = (0..2500).map(|_| other()).collect();
    (&bed.soniq).insert_many(many).await.unwrap();
    let mut bulk = other();
    bulk.queue = Some("bulk".to_owned());
    enqueue(&bed, bulk).await;
    // None of these is due in an open queue of this worker.
    let mut elsewhere = other();
    elsewhere.queue = Some("elsewhere".to_owned());
    enqueue(&bed, elsewhere).await;
    let mut later = other();
    later.due = Some(Due::After(Duration::from_secs(3600)));
    enqueue(&bed, later).await;
    let cancelled = other();
    let id = cancelled.id;
    enqueue(&bed, cancelled).await;
    assert!(bed.soniq.jobs().cancel(id).await.unwrap());
    task().enqueue(&bed.soniq, probe(7)).await.unwrap();
    let (worker, runs) = clearing(&bed);
    assert_eq!(worker.run_once().await.unwrap(), 1);
    assert_eq!(*runs.lock().unwrap(), [7]);
    let dead = bed.dead_letters().await;
    assert_eq!(dead.len(), 2501);
    for letter in dead {
        assert_eq!(letter.job_name, OTHER);
        assert_eq!(letter.reason, "job_not_found");
        assert_eq!((letter.attempts, letter.max_attempts), (0, 4));
        assert!(letter.last_error.unwrap().ends_with(OTHER));
    }
    assert_eq!(bed.jobs_of(OTHER).await.len(), 3);
}

async fn a_paused_queue_is_left_alone(bed: Bed) {
    bed.soniq.queues().pause("bulk").await.unwrap();
    let mut bulk = other();
    bulk.queue = Some("bulk".to_owned());
    enqueue(&bed, bulk).await;
    enqueue(&bed, other()).await;
    clearing(&bed).0.run_once().await.unwrap();
    let left = bed.jobs().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].queue, "bulk");
    bed.soniq.queues().resume("bulk").await.unwrap();
    clearing(&bed).0.run_once().await.unwrap();
    assert!(bed.jobs().await.is_empty());
    assert_eq!(bed.dead_letters().await.len(), 2);
}

/// What the documentation warns of: this worker does not ask who else handles a name.
async fn it_takes_jobs_from_under_other_workers_of_its_queue(bed: Bed) {
    // One that handles the task, and has no room for it.
    let (started, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
    let (seen, opens) = (Arc::clone(&started), Arc::clone(&gate));
    let busy = TaskHandlerBuilder::<Probe>::new(move |_, _| {
        let (seen, opens) = (Arc::clone(&seen), Arc::clone(&opens));
        async move {
            seen.fetch_add(1, Ordering::SeqCst);
            let _open = opens.acquire().await?;
            Ok::<(), JobError>(())
        }
    });
    let busy = busy.retired(OTHER, |old: Probe| Ok(old)).build();
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let owner = Worker::builder(&bed.soniq).handler(busy).concurrency(1);
    let owner = Running::start(owner.build().unwrap());
    wait_for_start(&started, 1).await;
    enqueue(&bed, other()).await;
    let (worker, _) = clearing(&bed);
    let worker = Running::start(worker);
    bed.wait_for_dead_letters(1).await;
    // A job that is enqueued later wakes it.
    enqueue(&bed, other()).await;
    bed.wait_for_dead_letters(2).await;
    gate.add_permits(1);
    owner.stop().await;
    worker.stop().await;
}

async fn workers_that_clear_one_queue_together_move_each_job_once(bed: Bed) {
    let workers: Vec<Running> = (0..3).map(|_| Running::start(clearing(&bed).0)).collect();
    for _ in 0..20 {
        let many = (0..200).map(|_| other()).collect();
        (&bed.soniq).insert_many(many).await.unwrap();
    }
    bed.wait_for_dead_letters(4000).await;
    assert!(bed.jobs().await.is_empty());
    for worker in workers {
        worker.stop().await;
    }
}
