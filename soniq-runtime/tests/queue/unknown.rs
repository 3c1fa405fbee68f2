//! Jobs without a handler whose rows are odd, or locked.

use soniq_runtime::{DeadLetterFilter, Unknown, Worker};

use crate::support::{Bed, bed, counting, probe, task};

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
async fn a_worker_that_clears_its_queues_takes_odd_rows_along() {
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
