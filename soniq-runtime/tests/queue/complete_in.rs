//! Handlers that complete their job in a transaction of their own.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use soniq_runtime::{
    Backoff, Error, Fate, JobContext, JobError, RetrySpec, TaskArgs, TaskHandler,
    TaskHandlerBuilder, TaskRef, TaskSpec, Worker,
};
use tokio_postgres::Client;

use crate::support::{Bed, Probe, bed, eventually, handler, probe, task};

/// A bed with a table for what handlers write, and a worker whose handler has a connection.
async fn run<F, R>(bed: &Bed, handle: F)
where
    F: Fn(Client, JobContext) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), JobError>> + Send + 'static,
{
    bed.client
        .batch_execute("CREATE TABLE IF NOT EXISTS effects (job uuid NOT NULL)")
        .await
        .unwrap();
    let worker = bed.worker(connected(bed, handle).await);
    worker.run_once().await.unwrap();
}

/// A handler that gets a connection of its own for each attempt.
async fn connected<F, R>(bed: &Bed, handle: F) -> TaskHandler
where
    F: Fn(Client, JobContext) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), JobError>> + Send + 'static,
{
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(bed.database.connect().await.unwrap());
    }
    let clients = Arc::new(Mutex::new(clients));
    handler(move |_: Probe, context| {
        let client = clients.lock().unwrap().pop().unwrap();
        handle(client, context)
    })
}

async fn write_and_complete(
    client: &mut Client,
    context: &JobContext,
    commits: bool,
) -> Result<(), JobError> {
    let transaction = client.transaction().await?;
    let sql = "INSERT INTO effects VALUES ($1)";
    transaction.execute(sql, &[&context.id()]).await?;
    context.complete_in(&transaction, &()).await?;
    if commits {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_writes_and_the_completion_commit_together() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    run(&bed, async |mut client, context| {
        write_and_complete(&mut client, &context, true).await
    })
    .await;
    assert_eq!(bed.status(id).await.as_deref(), Some("done"));
    assert_eq!(bed.count("SELECT count(*) FROM effects").await, 1);
    let kept = "SELECT count(*) FROM soniq_jobs WHERE attempts = 1 AND last_error IS NULL
                AND worker_id IS NULL AND claim_id IS NULL AND expires_at > now()";
    assert_eq!(bed.count(kept).await, 1);
}

#[tokio::test]
async fn ok_after_a_rollback_is_a_failed_attempt() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    run(&bed, async |mut client, context| {
        write_and_complete(&mut client, &context, context.attempt() == 2).await
    })
    .await;
    assert_eq!(bed.status(id).await.as_deref(), Some("done"));
    assert_eq!(bed.count("SELECT count(*) FROM effects").await, 1);
    let told = "SELECT count(*) FROM soniq_jobs WHERE attempts = 2
                AND last_error LIKE 'the handler returned Ok, but the transaction%'";
    assert_eq!(bed.count(told).await, 1);
}

#[tokio::test]
async fn an_error_after_the_commit_changes_nothing() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    run(&bed, async |mut client, context| {
        write_and_complete(&mut client, &context, true).await?;
        Err(JobError::permanent("too late"))
    })
    .await;
    assert_eq!(bed.status(id).await.as_deref(), Some("done"));
    assert_eq!(bed.count("SELECT count(*) FROM effects").await, 1);
    let dead = "SELECT count(*) FROM soniq_dead_letter_jobs";
    assert_eq!(bed.count(dead).await, 0);
}

#[tokio::test]
async fn hooks_are_told_what_became_of_the_transaction() {
    let bed = bed().await;
    bed.client
        .batch_execute("CREATE TABLE effects (job uuid NOT NULL)")
        .await
        .unwrap();
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let fates = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&fates);
    let handler = connected(&bed, async |mut client, context| {
        let last = context.attempt() == 2;
        write_and_complete(&mut client, &context, last).await?;
        if last {
            return Err(JobError::permanent("too late"));
        }
        Ok(())
    });
    let worker = Worker::builder(&bed.soniq)
        .handler(handler.await)
        .on_end(move |end| {
            let fate = match end.fate {
                Fate::Completed => "completed".to_owned(),
                Fate::Retried { error, .. } => error.to_owned(),
                other => format!("{other:?}"),
            };
            told.lock().unwrap().push(fate);
        })
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    let fates = fates.lock().unwrap();
    let [first, second] = fates.as_slice() else {
        panic!("{fates:?}");
    };
    assert!(first.ends_with("was not committed"), "{first}");
    assert_eq!(second, "completed");
}

#[tokio::test]
async fn a_panic_with_the_transaction_open_fails_the_attempt() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    run(&bed, async |mut client, context| {
        if context.attempt() == 2 {
            return write_and_complete(&mut client, &context, true).await;
        }
        let transaction = client.transaction().await?;
        context.complete_in(&transaction, &()).await?;
        panic!("before the commit");
    })
    .await;
    assert_eq!(bed.status(id).await.as_deref(), Some("done"));
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_jobs WHERE attempts = 2")
            .await,
        1
    );
}

/// At most 300 ms; two attempts; finished rows are deleted.
static SLOW: TaskSpec = TaskSpec::new("test.slow.v1", 1, "slow")
    .timeout(Duration::from_millis(300))
    .result_ttl(Duration::ZERO)
    .retry(RetrySpec {
        max_attempts: Some(2),
        backoff: Backoff::Fixed(Duration::ZERO),
        jitter: false,
        ..RetrySpec::DEFAULT
    });

#[derive(serde::Serialize, serde::Deserialize)]
struct Slow {}

impl soniq_runtime::Checked for Slow {
    fn check(_: &serde_json::Value, _: &mut soniq_runtime::check::Checker) {}
}

impl TaskArgs for Slow {
    const TASK: TaskRef<Self> = TaskRef::new(&SLOW);
}

/// A row that the handler's transaction has locked and given back is retried once that is over; a
/// commit that comes later than the timeout still counts.
#[tokio::test]
async fn a_timeout_with_the_transaction_open_waits_for_how_it_ends() {
    for commits in [true, false] {
        let bed = bed().await;
        let client = Arc::new(tokio::sync::Mutex::new(
            bed.database.connect().await.unwrap(),
        ));
        let (go, wait) = tokio::sync::watch::channel(false);
        let slow = TaskHandlerBuilder::<Slow>::new(move |_, context: JobContext| {
            let (client, mut wait) = (Arc::clone(&client), wait.clone());
            async move {
                if context.attempt() == 2 {
                    return Ok(());
                }
                // Not dropped with the handler.
                tokio::spawn(async move {
                    let mut client = client.lock().await;
                    let transaction = client.transaction().await.unwrap();
                    context.complete_in(&transaction, &()).await.unwrap();
                    wait.wait_for(|go| *go).await.unwrap();
                    if commits {
                        transaction.commit().await.unwrap();
                    } else {
                        transaction.rollback().await.unwrap();
                    }
                });
                std::future::pending::<Result<(), JobError>>().await
            }
        })
        .build();
        soniq_runtime::EnqueueOptions::default()
            .enqueue(&bed.soniq, Slow {})
            .await
            .unwrap();
        let worker = bed.worker(slow);
        let running = tokio::spawn(async move { worker.run_once().await });
        // The attempt has timed out when the worker tries to give the job back, and finds it locked.
        let blocked =
            "SELECT count(*) FROM soniq_jobs WHERE now() > updated_at + interval '600 ms'";
        bed.wait_for(blocked, 1).await;
        assert_eq!(
            bed.count("SELECT count(*) FROM soniq_jobs WHERE attempts = 1")
                .await,
            1
        );
        go.send(true).unwrap();
        // A run that ends by itself waits until each end is written or known to be void.
        let ended = running.await.unwrap().unwrap();
        assert_eq!(ended, if commits { 1 } else { 2 });
        assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 0);
        assert_eq!(
            bed.count("SELECT count(*) FROM soniq_dead_letter_jobs")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn a_worker_taken_for_dead_completes_nothing() {
    let bed = bed().await;
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let lost = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&lost);
    let thief = Arc::new(bed.database.connect().await.unwrap());
    run(&bed, move |mut client, context| {
        let (seen, thief) = (Arc::clone(&seen), Arc::clone(&thief));
        async move {
            if context.attempt() == 1 {
                let sql =
                    "UPDATE soniq_jobs SET status = 'queued', worker_id = NULL, claim_id = NULL";
                thief.batch_execute(sql).await?;
            }
            let transaction = client.transaction().await?;
            let sql = "INSERT INTO effects VALUES ($1)";
            transaction.execute(sql, &[&context.id()]).await?;
            if let Err(error) = context.complete_in(&transaction, &()).await {
                let is_lost = matches!(&error, Error::ClaimLost { id, .. } if *id == context.id());
                *seen.lock().unwrap() = Some(is_lost);
                return Err(error.into());
            }
            transaction.commit().await?;
            Ok(())
        }
    })
    .await;
    assert_eq!(*lost.lock().unwrap(), Some(true));
    assert!(eventually(async || bed.status(id).await.as_deref() == Some("done")).await);
    assert_eq!(bed.count("SELECT count(*) FROM effects").await, 1);
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_jobs WHERE attempts = 2")
            .await,
        1
    );
}
