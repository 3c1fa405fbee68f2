//! Rows that no producer of ours writes: nullable columns left null, and values at the edges of
//! their types. One such row must not hold up another.

use soniq_runtime::{DeadLetterFilter, JobFilter};

use crate::support::{bed, counting, probe, task};

/// Sets that a job runs with all the same.
const ODD: [&str; 8] = [
    "created_at = NULL",
    "created_at = NULL, scheduled_at = NULL, updated_at = NULL",
    "scheduled_at = '-infinity'",
    "attempts = 2147483647",
    "attempts = NULL",
    "max_attempts = NULL",
    "queue = NULL",
    "priority = NULL",
];

#[tokio::test]
async fn odd_rows_run_and_hold_up_no_other() {
    let bed = bed().await;
    for set in ODD {
        let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
        let odd = format!("UPDATE soniq_jobs SET {set} WHERE id = '{id}'");
        bed.client.batch_execute(&odd).await.unwrap();
    }
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    let left = bed
        .client
        .query(
            "SELECT to_jsonb(job)::text FROM soniq_jobs AS job WHERE status <> 'done'",
            &[],
        )
        .await
        .unwrap();
    let left: Vec<String> = left.iter().map(|row| row.get(0)).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(runs.lock().unwrap().len(), ODD.len() + 1);
}

#[tokio::test]
async fn a_row_whose_time_cannot_be_read_is_dead_lettered() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET created_at = '-infinity'")
        .await
        .unwrap();
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [2]);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "invalid_arguments");
    assert!(dead.last_error.unwrap().contains("created_at"));
    let all = DeadLetterFilter::default();
    assert_eq!(bed.soniq.dead_letter().list(&all).await.unwrap().len(), 1);
}

#[tokio::test]
async fn odd_rows_can_be_seen_and_counted() {
    let bed = bed().await;
    for set in ODD {
        let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
        let odd = format!("UPDATE soniq_jobs SET {set} WHERE id = '{id}'");
        bed.client.batch_execute(&odd).await.unwrap();
        bed.soniq.jobs().get(id).await.unwrap().unwrap();
    }
    bed.client
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid, queues, last_heartbeat) VALUES
               (gen_random_uuid(), 'odd', 1, ARRAY['a', NULL], '-infinity')",
        )
        .await
        .unwrap();
    let filter = JobFilter::default().queue("default");
    let jobs = bed.soniq.jobs().list(&filter).await.unwrap();
    assert_eq!(jobs.len(), ODD.len());
    let stats = bed.soniq.stats().await.unwrap();
    assert_eq!(stats.queues.len(), 1);
    assert_eq!(stats.queues[0].due, i64::try_from(ODD.len()).unwrap());
    assert_eq!(stats.workers[0].queues, ["a"]);
}

/// A row that is due later must not keep a worker from learning when the next one is.
#[tokio::test]
async fn a_job_scheduled_for_the_end_of_time_waits() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET scheduled_at = 'infinity'")
        .await
        .unwrap();
    let (handler, _) = counting();
    assert_eq!(bed.worker(handler).run_once().await.unwrap(), 0);
    assert_eq!(bed.status(id).await.as_deref(), Some("queued"));
    bed.soniq.jobs().get(id).await.unwrap().unwrap();
}
