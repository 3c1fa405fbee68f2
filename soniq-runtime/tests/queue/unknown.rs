//! Jobs in a worker's queues that it has no handler for.

use soniq_runtime::{DeadLetterFilter, Unknown, Worker};

use crate::support::{Bed, Running, bed, counting, eventually, probe, task};

/// A job of a task that no worker here handles; `columns` and `values` are what is odd about it.
async fn other(bed: &Bed, columns: &str, values: &str) {
    let insert = format!(
        "INSERT INTO soniq_jobs (id, job_name, args{columns})
         VALUES (gen_random_uuid(), 'test.other.v1', '{{}}'{values})"
    );
    bed.client.batch_execute(&insert).await.unwrap();
}

fn clearing(bed: &Bed) -> (Worker, std::sync::Arc<std::sync::Mutex<Vec<i64>>>) {
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .queues(["default", "bulk"])
        .unknown(Unknown::DeadLetter)
        .build()
        .unwrap();
    (worker, runs)
}

#[tokio::test]
async fn jobs_that_nobody_handles_stay_and_are_reported() {
    let bed = bed().await;
    other(&bed, "", "").await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    assert!(eventually(async || runs.lock().unwrap().len() == 1).await);
    let stats = bed.soniq.stats().await.unwrap();
    let unhandled: Vec<_> = stats
        .unhandled
        .iter()
        .map(|task| (task.job_name.as_str(), task.queue.as_str(), task.queued))
        .collect();
    assert_eq!(unhandled, [("test.other.v1", "default", 1)]);
    worker.stop().await;
    let untouched = "SELECT count(*) FROM soniq_jobs
                     WHERE job_name = 'test.other.v1' AND status = 'queued' AND attempts = 0";
    assert_eq!(bed.count(untouched).await, 1);
    assert_eq!(stats.dead_letters, 0);
}

#[tokio::test]
async fn a_worker_that_clears_its_queues_dead_letters_what_is_due_there() {
    let bed = bed().await;
    // Many batches, and whatever nulls a producer may leave.
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, queue, max_attempts, priority, attempts)
             SELECT gen_random_uuid(), 'test.other.v1', '{\"n\": 1}', NULL, NULL, NULL, NULL
             FROM generate_series(1, 2500)",
        )
        .await
        .unwrap();
    other(
        &bed,
        ", queue, meta",
        ", 'bulk', '{\"traceparent\": \"00-1\"}'",
    )
    .await;
    // None of these is due in an open queue of this worker.
    other(&bed, ", queue", ", 'elsewhere'").await;
    other(&bed, ", scheduled_at", ", now() + interval '1 hour'").await;
    other(&bed, ", status", ", 'cancelled'").await;
    task().enqueue(&bed.client, probe(7)).await.unwrap();
    let (worker, runs) = clearing(&bed);
    assert_eq!(worker.run_once().await.unwrap(), 1);
    assert_eq!(*runs.lock().unwrap(), [7]);
    let dead = "SELECT count(*) FROM soniq_dead_letter_jobs
                WHERE job_name = 'test.other.v1' AND dead_letter_reason = 'job_not_found'
                  AND max_attempts = 4 AND attempts = 0 AND last_error LIKE '%test.other.v1'";
    assert_eq!(bed.count(dead).await, 2501);
    let traced = "SELECT count(*) FROM soniq_dead_letter_jobs
                  WHERE queue = 'bulk' AND meta ->> 'traceparent' = '00-1'";
    assert_eq!(bed.count(traced).await, 1);
    let left = "SELECT count(*) FROM soniq_jobs WHERE job_name = 'test.other.v1'";
    assert_eq!(bed.count(left).await, 3);
}

#[tokio::test]
async fn a_paused_queue_and_a_locked_row_are_left_alone() {
    let mut bed = bed().await;
    bed.soniq.queues().pause("bulk").await.unwrap();
    other(&bed, ", queue", ", 'bulk'").await;
    other(&bed, ", priority", ", 1").await;
    other(&bed, ", priority", ", 2").await;
    let watch = bed.database.connect().await.unwrap();
    let open = bed.client.transaction().await.unwrap();
    open.batch_execute("SELECT 1 FROM soniq_jobs WHERE priority = 1 FOR UPDATE")
        .await
        .unwrap();
    let (handler, _) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .queues(["default", "bulk"])
        .unknown(Unknown::DeadLetter)
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    let left = "SELECT array_agg(priority ORDER BY priority) FROM soniq_jobs";
    let left: Vec<i32> = watch.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, [1, 100]);
    open.rollback().await.unwrap();
    // What is resumed, and what nobody locks any more, goes.
    bed.soniq.queues().resume("bulk").await.unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 0);
    let all = DeadLetterFilter::default();
    assert_eq!(bed.soniq.dead_letter().list(&all).await.unwrap().len(), 3);
}

/// What the documentation warns of: this worker does not ask who else handles a name.
#[tokio::test]
async fn it_takes_jobs_from_under_other_workers_of_its_queue() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid, queues) VALUES
               ('00000000-0000-0000-0000-000000000001', 'another service', 1, '{default}');
             INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at) VALUES
               ('test.other.v1', '00000000-0000-0000-0000-000000000001', now())",
        )
        .await
        .unwrap();
    other(&bed, "", "").await;
    let (worker, _) = clearing(&bed);
    let worker = Running::start(worker);
    bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 1)
        .await;
    // A job that is enqueued later wakes it.
    other(&bed, "", "").await;
    bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 2)
        .await;
    worker.stop().await;
}

#[tokio::test]
async fn workers_that_clear_one_queue_together_move_each_job_once() {
    let bed = bed().await;
    let workers: Vec<Running> = (0..3).map(|_| Running::start(clearing(&bed).0)).collect();
    for _ in 0..20 {
        bed.client
            .batch_execute(
                "INSERT INTO soniq_jobs (id, job_name, args)
                 SELECT gen_random_uuid(), 'test.other.v1', '{}' FROM generate_series(1, 200);
                 SELECT pg_notify('soniq_new_job', 'default')",
            )
            .await
            .unwrap();
    }
    bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 4000)
        .await;
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 0);
    for worker in workers {
        worker.stop().await;
    }
}
