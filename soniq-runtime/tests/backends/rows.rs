//! Rows that no producer of ours writes: nullable columns left null, and values at the edges of
//! their types. One such row must not hold up another.

use std::time::Duration;

use serde_json::{Value, json};
use soniq_runtime::{JobFilter, Status};
use uuid::Uuid;

use crate::bed::{Bed, Table};
use crate::probe::{counting, probe, task};

conformance! {
    odd_rows_run_and_hold_up_no_other needs shared_tables;
    odd_rows_can_be_seen_and_counted needs shared_tables;
}

/// Sets that a job runs with all the same.
fn odd() -> [Value; 7] {
    [
        json!({ "created_at": null }),
        json!({ "created_at": null, "scheduled_at": null, "updated_at": null }),
        json!({ "attempts": i32::MAX }),
        json!({ "attempts": null }),
        json!({ "max_attempts": null }),
        json!({ "queue": null }),
        json!({ "priority": null }),
    ]
}

async fn insert(bed: &Bed, set: Value) -> Uuid {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    bed.update(Table::Jobs, json!({ "id": id }), set).await;
    id
}

async fn odd_rows_run_and_hold_up_no_other(bed: Bed) {
    for set in odd() {
        insert(&bed, set).await;
    }
    task().enqueue(&bed.soniq, probe(2)).await.unwrap();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    let rows = bed.rows(Table::Jobs).await;
    let left: Vec<_> = rows.iter().filter(|row| row["status"] != "done").collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(bed.count(Status::Done).await, odd().len() + 1);
    assert_eq!(runs.lock().unwrap().len(), odd().len() + 1);
}

async fn odd_rows_can_be_seen_and_counted(bed: Bed) {
    for set in odd() {
        let id = insert(&bed, set).await;
        bed.soniq.jobs().get(id).await.unwrap().unwrap();
    }
    let worker = json!({
        "id": Uuid::now_v7(),
        "hostname": "odd",
        "pid": 1,
        "concurrency": 1,
        "status": "active",
        "queues": ["a", null],
        "last_heartbeat": bed.ago(Duration::from_secs(86_400)).await,
        "started_at": bed.ago(Duration::from_secs(86_400)).await,
    });
    bed.insert(Table::Workers, worker).await;
    let filter = JobFilter::default().queue("default");
    let jobs = bed.soniq.jobs().list(&filter).await.unwrap();
    assert_eq!(jobs.len(), odd().len());
    let stats = bed.soniq.stats().await.unwrap();
    assert_eq!(stats.queues.len(), 1);
    assert_eq!(stats.queues[0].due, i64::try_from(odd().len()).unwrap());
    assert_eq!(stats.workers[0].queues, ["a"]);
}
