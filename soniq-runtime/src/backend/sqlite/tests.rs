//! What cannot be brought about from outside: a full disk, claims whose worker is gone.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::worker::Unknown;

const NAME: &str = "test.probe.v1";

async fn store() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Arc::new(Settings::default());
    let path = folder.path().join("jobs.db");
    let store = Sqlite::with_patience(path, settings, Duration::from_millis(100));
    store.setup().await.unwrap();
    (folder, store)
}

fn job(text: &str) -> NewJob {
    NewJob::new(NAME, json!({ "text": text })).unwrap()
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let (_folder, store) = store().await;
    let limit = |pages: &'static str| {
        store.file.read("testing", move |connection, _| {
            Ok(connection.query_row(pages, [], |_| Ok(()))?)
        })
    };
    limit("PRAGMA max_page_count = 60").await.unwrap();
    let large = "x".repeat(2000);
    let mut written = 0;
    let error = loop {
        match store.enqueue(vec![job(&large), job(&large)]).await {
            Ok(_) => written += 2,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk is never full");
    };
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(error.is_transient() && !error.is_refusal());
    assert!(written > 0);
    let due = async || store.stats().await.unwrap().queues[0].due;
    assert_eq!(due().await, written, "of two jobs neither was written");
    // Space again, and it goes on.
    limit("PRAGMA max_page_count = 1000").await.unwrap();
    store.enqueue(vec![job(&large)]).await.unwrap();
    assert_eq!(due().await, written + 1);
}

#[tokio::test]
async fn what_a_dropped_call_has_begun_is_done_as_a_whole() {
    let (_folder, store) = store().await;
    let jobs: Vec<NewJob> = (0..100).map(|_| job("")).collect();
    let call = store.enqueue(jobs);
    // Polled once: on its way to the thread, or there.
    let dropped = tokio::time::timeout(Duration::ZERO, call).await;
    drop(dropped);
    // Calls take turns: this one comes after it.
    let stats = store.stats().await.unwrap();
    let due = stats.queues.first().map_or(0, |queue| queue.due);
    assert!([0, 100].contains(&due), "{due}");
}

#[tokio::test]
async fn a_worker_without_a_row_claims_nothing() {
    let (_folder, store) = store().await;
    store.enqueue(vec![job("")]).await.unwrap();
    let scope = ClaimScope {
        worker: Uuid::now_v7(),
        queues: vec!["default".to_owned()],
        names: vec![NAME.to_owned()],
        free: vec![NAME.to_owned()],
        limited: Vec::new(),
        unknown: Unknown::Leave,
        trail: Arc::default(),
    };
    assert!(store.claim(&scope, 5).await.unwrap().is_empty());
    assert_eq!(store.stats().await.unwrap().queues[0].due, 1);
}

#[tokio::test]
async fn a_claim_sorts_nothing_and_reads_its_index() {
    let (_folder, store) = store().await;
    for (statement, index) in [
        (include_str!("sql/due_jobs.sql"), "idx_soniq_jobs_claim"),
        (include_str!("sql/due_limited.sql"), "idx_soniq_jobs_claim"),
        (include_str!("sql/twin.sql"), "idx_soniq_jobs_dedup_key"),
        (include_str!("sql/twin.sql"), "idx_soniq_jobs_unique_queued"),
        (include_str!("sql/peek_due.sql"), "idx_soniq_jobs_due"),
        (
            include_str!("sql/claims_of_worker.sql"),
            "idx_soniq_jobs_claimed",
        ),
    ] {
        let plan = store.file.read("testing", move |connection, _| {
            let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
            let mut rows = explained.raw_query();
            let mut plan = String::new();
            while let Some(row) = rows.next()? {
                plan += &row.get::<_, String>("detail")?;
                plan.push('\n');
            }
            Ok(plan)
        });
        let plan = plan.await.unwrap();
        assert!(plan.contains(index), "{statement}\n{plan}");
        assert!(!plan.contains("ORDER BY"), "{statement}\n{plan}");
    }
}
