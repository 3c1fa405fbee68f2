//! What an enqueue writes, and what it does not.

use std::time::Duration;

use soniq_runtime::{Enqueuer, Error, NewJob};

use crate::support::{Probe, bed, probe, task};

#[tokio::test]
async fn a_job_and_its_order_commit_together() {
    let mut bed = bed().await;
    let transaction = bed.client.transaction().await.unwrap();
    let job = task().enqueue(&transaction, probe(1)).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(!job.is_duplicate());
    assert_eq!(bed.status(job.id()).await.as_deref(), Some("queued"));
    assert_eq!(job.id().get_version_num(), 7);
}

#[tokio::test]
async fn a_pooled_connection_enqueues_like_a_plain_one() {
    let bed = bed().await;
    let config: tokio_postgres::Config = bed.database.url().parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).build().unwrap();
    let mut client = pool.get().await.unwrap();
    task().enqueue(&client, probe(1)).await.unwrap();
    let transaction = client.transaction().await.unwrap();
    task().enqueue(&transaction, probe(2)).await.unwrap();
    task()
        .enqueue_many(&transaction, [3, 4].map(probe))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    task().enqueue(&transaction, probe(5)).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 4);
}

#[tokio::test]
async fn a_rollback_leaves_nothing() {
    let mut bed = bed().await;
    let transaction = bed.client.transaction().await.unwrap();
    task().enqueue(&transaction, probe(1)).await.unwrap();
    task()
        .enqueue_many(&transaction, (0..10).map(probe))
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 0);
}

#[tokio::test]
async fn what_is_written_is_what_the_table_says() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(7)).await.unwrap().id();
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.job_name, "test.probe.v1");
    assert_eq!(job.args, serde_json::json!({ "n": 7 }));
    assert_eq!((job.attempts, job.max_attempts), (0, Some(3)));
    assert_eq!((job.queue.as_str(), job.priority), ("default", 100));
    assert_eq!(job.scheduled_at, None);
    assert!(
        job.producer_id
            .is_some_and(|id| id.contains(&std::process::id().to_string()))
    );
}

#[tokio::test]
async fn options_go_before_the_contract() {
    let bed = bed().await;
    let id = task()
        .queue("bulk")
        .priority(10)
        .max_attempts(9)
        .delay(Duration::from_secs(3600))
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap()
        .id();
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!((job.queue.as_str(), job.priority), ("bulk", 10));
    assert_eq!(job.max_attempts, Some(9));
    let delay = job.scheduled_at.unwrap() - job.created_at.unwrap();
    assert_eq!(delay.num_seconds(), 3600);
}

#[tokio::test]
async fn a_queued_twin_is_returned_and_nothing_inserted() {
    let bed = bed().await;
    let first = task()
        .dedup_key("k")
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap();
    let second = task()
        .dedup_key("k")
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap();
    assert!(second.is_duplicate());
    assert_eq!(second.id(), first.id());

    let first = task()
        .unique(true)
        .enqueue(&bed.client, probe(3))
        .await
        .unwrap();
    let twin = task()
        .unique(true)
        .enqueue(&bed.client, probe(3))
        .await
        .unwrap();
    let other = task()
        .unique(true)
        .enqueue(&bed.client, probe(4))
        .await
        .unwrap();
    assert_eq!(twin.id(), first.id());
    assert!(!other.is_duplicate());
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 3);
}

#[tokio::test]
async fn many_are_written_in_one_call_twins_found() {
    let bed = bed().await;
    let jobs = task()
        .unique(true)
        .enqueue_many(&bed.soniq, [1, 2, 1, 3, 2].map(probe))
        .await
        .unwrap();
    let duplicates: Vec<bool> = jobs
        .iter()
        .map(soniq_runtime::Enqueued::is_duplicate)
        .collect();
    // Which of two twins in one call is written is not said; that one of them is, is.
    assert_eq!(duplicates.iter().filter(|twin| **twin).count(), 2);
    assert_eq!(jobs[0].id(), jobs[2].id());
    assert_eq!(jobs[1].id(), jobs[4].id());
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 3);
    let none = task().enqueue_many(&bed.soniq, []).await.unwrap();
    assert!(none.is_empty());
    let thousand = task()
        .enqueue_many(&bed.client, (0..1000).map(probe))
        .await
        .unwrap();
    assert_eq!(thousand.len(), 1000);
}

#[tokio::test]
async fn a_twin_in_another_open_transaction_is_waited_for() {
    let bed = bed().await;
    let mut other = bed.database.connect().await.unwrap();
    let open = other.transaction().await.unwrap();
    let first = task()
        .dedup_key("k")
        .enqueue(&open, probe(1))
        .await
        .unwrap();
    let waiting = task().dedup_key("k").enqueue(&bed.client, probe(2));
    let (second, ()) = tokio::join!(waiting, async {
        open.commit().await.unwrap();
    });
    assert_eq!(second.unwrap().id(), first.id());
}

#[tokio::test]
async fn arguments_that_postgres_cannot_store_are_refused_before_the_statement() {
    let mut bed = bed().await;
    let transaction = bed.client.transaction().await.unwrap();
    let args = Probe {
        n: 1,
        text: Some("a\0b".to_owned()),
    };
    let error = task().enqueue(&transaction, args).await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error}");
    assert!(error.to_string().contains("test.probe.v1"));
    // The caller's transaction is still good.
    task().enqueue(&transaction, probe(2)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 1);
}

#[tokio::test]
async fn ten_mebibytes_of_arguments_pass() {
    let bed = bed().await;
    let args = Probe {
        n: 1,
        text: Some("x".repeat(10 << 20)),
    };
    let id = task().enqueue(&bed.client, args).await.unwrap().id();
    assert_eq!(bed.status(id).await.as_deref(), Some("queued"));
}

#[tokio::test]
async fn a_database_that_was_never_set_up_is_told() {
    let database = soniq_runtime::testing::database().await.unwrap();
    let client = database.connect().await.unwrap();
    let error = task().enqueue(&client, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("soniq setup"), "{error}");
}

#[tokio::test]
async fn an_id_that_another_job_has_is_told() {
    let bed = bed().await;
    let args = serde_json::json!({ "n": 1 });
    let job = NewJob::new("test.probe.v1", args).unwrap();
    let first = (&bed.soniq).insert(job.clone()).await.unwrap();
    assert_eq!(first.id(), job.id);
    let again = (&bed.client).insert(job.clone()).await;
    assert!(matches!(again, Err(Error::IdTaken { id, .. }) if id == job.id));
    let mut keyed = job.clone();
    keyed.dedup_key = Some("k".to_owned());
    let again = (&bed.client).insert(keyed).await;
    assert!(matches!(again, Err(Error::IdTaken { .. })));
    let many = (&bed.soniq).insert_many(vec![job.clone()]).await;
    assert!(many.is_err());
    let mut twice = job;
    twice.id = uuid::Uuid::now_v7();
    let many = (&bed.client).insert_many(vec![twice.clone(), twice]).await;
    assert!(matches!(many, Err(Error::IdTaken { .. })));
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 1);
}
