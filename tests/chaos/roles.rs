//! What each process does. Their settings come from the environment, as a service's do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Backoff, CatchUp, Checked, EnqueueOptions, JobContext, JobError, RetrySpec, ScheduleSpec,
    Scheduler, Soniq, TaskArgs, TaskHandlerBuilder, TaskRef, TaskSpec, Trigger, Worker,
    shutdown_signal,
};
use tokio_postgres::{Client, NoTls};

const RETRY: RetrySpec = RetrySpec {
    max_attempts: Some(4),
    backoff: Backoff::Fixed(Duration::from_millis(200)),
    max_delay: None,
    jitter: true,
};

static WORK: TaskSpec = TaskSpec::new("chaos.work.v1", 1, "work").retry(RETRY);
static TICK: TaskSpec = TaskSpec::new("chaos.tick.v1", 1, "tick")
    .retry(RETRY)
    .schedule(ScheduleSpec {
        trigger: Trigger::Every(Duration::from_secs(1)),
        timezone: None,
        catch_up: CatchUp::One,
        args: "{}",
    });

#[derive(Debug, Serialize, Deserialize)]
struct Work {
    /// How long an attempt takes.
    milliseconds: u64,
    /// So many attempts fail, if the job lives to see them.
    failures: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Tick {}

impl Checked for Work {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Work {
    const TASK: TaskRef<Self> = TaskRef::new(&WORK);
}

impl Checked for Tick {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Tick {
    const TASK: TaskRef<Self> = TaskRef::new(&TICK);
}

/// However the fleet ends, its processes end with it: it holds the other end of their input.
pub(crate) fn end_with_the_fleet() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
}

/// A connection that the runtime knows nothing of.
async fn connect() -> Result<Client, tokio_postgres::Error> {
    let url = std::env::var("SONIQ_DATABASE_URL").expect("the fleet sets it");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Leaves a row that tells of this attempt.
async fn leave_effect(context: &JobContext) -> Result<(), JobError> {
    let attempt = i64::from(context.attempt());
    let insert = "INSERT INTO effects (job_id, attempt) VALUES ($1, $2)";
    connect()
        .await?
        .execute(insert, &[&context.id(), &attempt])
        .await?;
    Ok(())
}

/// A worker, until told to end.
pub(crate) async fn work() {
    let soniq = Soniq::from_env().unwrap();
    let work = TaskHandlerBuilder::<Work>::new(|args: Work, context: JobContext| async move {
        leave_effect(&context).await?;
        tokio::time::sleep(Duration::from_millis(args.milliseconds)).await;
        if context.attempt() <= args.failures {
            let attempt = context.attempt();
            return Err(JobError::retry(format!("attempt {attempt} was to fail")));
        }
        Ok::<(), JobError>(())
    });
    let tick = TaskHandlerBuilder::<Tick>::new(|_: Tick, context: JobContext| async move {
        leave_effect(&context).await
    });
    let worker = Worker::builder(&soniq)
        .handler(work.build())
        .handler(tick.build())
        .build()
        .unwrap();
    if let Err(error) = worker.run_until(shutdown_signal()).await {
        eprintln!("worker: {error}");
        std::process::exit(1);
    }
}

/// A scheduler, until killed.
pub(crate) async fn schedule() {
    let soniq = Soniq::from_env().unwrap();
    let scheduler = Scheduler::new(&soniq).tasks([&TICK]);
    if let Err(error) = scheduler.run_until(shutdown_signal()).await {
        eprintln!("scheduler: {error}");
        std::process::exit(1);
    }
}

/// Enqueues until killed, whatever happens to its connection.
pub(crate) async fn produce() {
    loop {
        if let Ok(mut client) = connect().await {
            while produce_one(&mut client).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(fastrand::u64(5..40))).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One transaction with an order and its jobs. One in five is rolled back, and its jobs are noted then
/// as such; of the others the order tells, which is there if the transaction was committed.
async fn produce_one(client: &mut Client) -> Result<(), Box<dyn std::error::Error>> {
    let transaction = client.transaction().await?;
    let mut ids = Vec::new();
    for _ in 0..fastrand::usize(1..5) {
        let work = Work {
            milliseconds: fastrand::u64(0..60),
            failures: if fastrand::u8(..10) == 0 {
                fastrand::u32(1..6)
            } else {
                0
            },
        };
        let mut options = EnqueueOptions::<Work>::default();
        if fastrand::u8(..10) == 0 {
            options = options.delay(Duration::from_millis(fastrand::u64(100..3000)));
        }
        let job = options.enqueue(&transaction, work).await?;
        let order = "INSERT INTO orders (job_id) VALUES ($1)";
        transaction.execute(order, &[&job.id()]).await?;
        ids.push(job.id());
    }
    if fastrand::u8(..5) > 0 {
        transaction.commit().await?;
        if fastrand::u8(..20) == 0 {
            let soniq = Soniq::from_env()?;
            soniq.jobs().cancel(ids[0]).await?;
        }
        return Ok(());
    }
    transaction.rollback().await?;
    let note = "INSERT INTO rolled_back (job_id) SELECT unnest($1::uuid[])";
    client.execute(note, &[&ids]).await?;
    Ok(())
}
