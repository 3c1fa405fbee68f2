//! Enqueueing in the caller's own transaction.

use std::time::Duration;

use soniq_runtime::{
    CatchUp, Enqueuer, Error, NewJob, ScheduleSpec, Scheduler, TaskSpec, Trigger, Worker,
};

use crate::support::{Probe, Running, bed, counting, probe, task};

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
async fn a_database_that_was_never_set_up_is_told() {
    let database = soniq_runtime::testing::database().await.unwrap();
    let client = database.connect().await.unwrap();
    let error = task().enqueue(&client, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("soniq setup"), "{error}");
}

#[tokio::test]
async fn a_waiting_worker_is_woken_by_a_commit() {
    let bed = bed().await;
    let mut settings = bed.soniq.settings().clone();
    settings.poll_interval = Duration::from_secs(3600);
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let running = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    for round in 1..=3 {
        task().enqueue(&bed.client, probe(round)).await.unwrap();
        bed.wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE status = 'done'",
            round,
        )
        .await;
    }
    running.stop().await;
}

static UNIQUE: TaskSpec = TaskSpec::new("test.unique.v1", 1, "f")
    .unique()
    .schedule(ScheduleSpec {
        trigger: Trigger::Cron("* * * * *"),
        timezone: None,
        catch_up: CatchUp::One,
        args: r#"{"n": 1}"#,
    });

/// A twin that is not committed yet counts, and holds up no other schedule for long.
#[tokio::test]
async fn a_firing_meets_the_twin_of_an_open_transaction() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let scheduler = Scheduler::new(&bed.soniq).tasks([&UNIQUE]);
    scheduler.reconcile().await.unwrap();
    let due = "UPDATE soniq_recurring_jobs SET next_run = now()";
    let fires = async || {
        other.batch_execute(due).await.unwrap();
        scheduler.tick().await.unwrap().unwrap().len()
    };
    let open = bed.client.transaction().await.unwrap();
    let mut twin = NewJob::new("test.unique.v1", serde_json::json!({ "n": 1 })).unwrap();
    twin.unique = true;
    (&open).insert(twin).await.unwrap();
    assert_eq!(fires().await, 0);
    open.rollback().await.unwrap();
    assert_eq!(fires().await, 1);
}
