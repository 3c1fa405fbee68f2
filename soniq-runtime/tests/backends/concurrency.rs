//! Tasks of which only so many jobs may run at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Backoff, Checked, ConcurrencySpec, EnqueueOptions, Enqueuer, JobContext, JobError, KeyPart,
    NewJob, RetrySpec, Status, TaskArgs, TaskHandler, TaskHandlerBuilder, TaskRef, TaskSpec,
    Worker,
};
use tokio::sync::Semaphore;

use crate::bed::Bed;
use crate::probe::{Running, counting, eventually, probe, task};

conformance! {
    jobs_of_one_key_run_one_after_another_over_all_workers;
    each_key_has_its_turn_behind_a_crowd_of_one;
    so_many_of_a_task_and_other_tasks_beside_them;
    the_claims_of_a_dead_worker_count_until_they_are_rescued;
    rows_of_a_retired_version_share_the_limit;
    a_job_that_must_run_alone_waits_for_its_key;
}

const AT_ONCE: RetrySpec = RetrySpec {
    max_attempts: Some(3),
    backoff: Backoff::Fixed(Duration::ZERO),
    max_delay: None,
    jitter: false,
};

/// One at a time per customer.
static SERIAL: TaskSpec = TaskSpec::new("test.serial.v2", 2, "serial")
    .retry(AT_ONCE)
    .concurrency(ConcurrencySpec {
        limit: 1,
        key: &[
            KeyPart::Literal("customer "),
            KeyPart::Field(&["customer", "id"]),
        ],
    });

/// Three at a time, whatever they are about.
static FEW: TaskSpec = TaskSpec::new("test.few.v1", 1, "few")
    .retry(AT_ONCE)
    .concurrency(ConcurrencySpec { limit: 3, key: &[] });

#[derive(Clone, Serialize, Deserialize)]
struct Customer {
    id: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Serial {
    customer: Customer,
}

#[derive(Serialize, Deserialize)]
struct Few {}

impl Checked for Serial {
    fn check(_: &Value, _: &mut Checker) {}
}

impl Checked for Few {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Serial {
    const TASK: TaskRef<Self> = TaskRef::new(&SERIAL);
}

impl TaskArgs for Few {
    const TASK: TaskRef<Self> = TaskRef::new(&FEW);
}

/// What runs at this moment, per key, and the most that ever did.
#[derive(Default)]
struct Watch {
    now: HashMap<i64, usize>,
    most: HashMap<i64, usize>,
    runs: usize,
}

#[derive(Clone)]
struct Watched {
    watch: Arc<Mutex<Watch>>,
    gate: Arc<Semaphore>,
}

impl Watched {
    fn new(permits: usize) -> Self {
        Watched {
            watch: Arc::default(),
            gate: Arc::new(Semaphore::new(permits)),
        }
    }

    async fn run(&self, key: i64) -> Result<(), JobError> {
        {
            let mut watch = self.watch.lock().unwrap();
            watch.runs += 1;
            let now = watch.now.entry(key).or_default();
            *now += 1;
            let now = *now;
            let most = watch.most.entry(key).or_default();
            *most = now.max(*most);
        }
        self.gate.acquire().await?.forget();
        *self.watch.lock().unwrap().now.get_mut(&key).unwrap() -= 1;
        Ok(())
    }

    fn serial(&self) -> TaskHandler {
        let own = self.clone();
        TaskHandlerBuilder::<Serial>::new(move |args: Serial, _| {
            let own = own.clone();
            async move { own.run(args.customer.id).await }
        })
        .retired("test.serial.v1", |old: Serial| Ok(old))
        .build()
    }

    fn few(&self) -> TaskHandler {
        let own = self.clone();
        TaskHandlerBuilder::<Few>::new(move |_, _: JobContext| {
            let own = own.clone();
            async move { own.run(0).await }
        })
        .build()
    }

    fn running(&self) -> usize {
        self.watch.lock().unwrap().now.values().sum()
    }

    fn most(&self) -> usize {
        let watch = self.watch.lock().unwrap();
        watch.most.values().copied().max().unwrap_or(0)
    }
}

async fn enqueue_serial(bed: &Bed, customers: impl IntoIterator<Item = i64>) {
    let jobs = customers.into_iter().map(|id| Serial {
        customer: Customer { id },
    });
    EnqueueOptions::default()
        .enqueue_many(&bed.soniq, jobs)
        .await
        .unwrap();
}

fn worker(bed: &Bed, handler: TaskHandler) -> Worker {
    let builder = Worker::builder(&bed.soniq).handler(handler);
    builder.concurrency(8).build().unwrap()
}

async fn jobs_of_one_key_run_one_after_another_over_all_workers(bed: Bed) {
    enqueue_serial(&bed, (0..60).map(|n| n % 3)).await;
    let watched = Watched::new(Semaphore::MAX_PERMITS);
    let workers: Vec<_> = (0..4)
        .map(|_| Running::start(worker(&bed, watched.serial())))
        .collect();
    bed.wait_for(Status::Done, 60).await;
    assert_eq!(watched.most(), 1);
    assert_eq!(watched.watch.lock().unwrap().runs, 60);
    for worker in workers {
        worker.stop().await;
    }
}

async fn each_key_has_its_turn_behind_a_crowd_of_one(bed: Bed) {
    enqueue_serial(&bed, std::iter::repeat_n(1, 700)).await;
    enqueue_serial(&bed, [2, 3]).await;
    let watched = Watched::new(0);
    let running = Running::start(worker(&bed, watched.serial()));
    assert!(eventually(async || watched.running() == 3).await);
    assert_eq!(watched.most(), 1);
    let claimed = bed.count(Status::Processing).await;
    assert_eq!(claimed, 3, "nothing is held ahead of its turn");
    watched.gate.add_permits(3);
    bed.wait_for(Status::Done, 3).await;
    watched.gate.add_permits(10_000);
    running.stop().await;
}

async fn so_many_of_a_task_and_other_tasks_beside_them(bed: Bed) {
    for _ in 0..12 {
        EnqueueOptions::default()
            .enqueue(&bed.soniq, Few {})
            .await
            .unwrap();
    }
    task()
        .enqueue_many(&bed.soniq, (0..30).map(probe))
        .await
        .unwrap();
    let watched = Watched::new(0);
    let (others, runs) = counting();
    let both = Worker::builder(&bed.soniq)
        .handler(watched.few())
        .handler(others)
        .concurrency(8)
        .build()
        .unwrap();
    let first = Running::start(both);
    let second = Running::start(worker(&bed, watched.few()));
    assert!(eventually(async || runs.lock().unwrap().len() == 30).await);
    assert!(eventually(async || watched.running() == 3).await);
    watched.gate.add_permits(12);
    bed.wait_for(Status::Done, 42).await;
    assert_eq!(watched.most(), 3);
    first.stop().await;
    second.stop().await;
}

async fn the_claims_of_a_dead_worker_count_until_they_are_rescued(bed: Bed) {
    enqueue_serial(&bed, [1, 1]).await;
    let watched = Watched::new(0);
    let doomed = Running::start(worker(&bed, watched.serial()));
    assert!(eventually(async || watched.running() == 1).await);
    doomed.kill();
    let heir = Watched::new(Semaphore::MAX_PERMITS);
    let running = Running::start(worker(&bed, heir.serial()));
    bed.wait_for(Status::Done, 2).await;
    assert_eq!(heir.most(), 1);
    let jobs = bed.jobs().await;
    let twice = jobs.iter().filter(|job| job.attempts == 2);
    assert_eq!(twice.count(), 1, "the rescued one");
    running.stop().await;
}

async fn rows_of_a_retired_version_share_the_limit(bed: Bed) {
    let args = serde_json::json!({ "customer": { "id": 1 } });
    let retired = NewJob::new("test.serial.v1", args).unwrap();
    (&bed.soniq).insert(retired).await.unwrap();
    enqueue_serial(&bed, [1, 1]).await;
    let watched = Watched::new(0);
    let running = Running::start(worker(&bed, watched.serial()));
    assert!(eventually(async || watched.running() == 1).await);
    watched.gate.add_permits(3);
    bed.wait_for(Status::Done, 3).await;
    assert_eq!(watched.most(), 1);
    running.stop().await;
}

async fn a_job_that_must_run_alone_waits_for_its_key(bed: Bed) {
    enqueue_serial(&bed, [1, 1]).await;
    let first = bed.jobs().await.iter().map(|job| job.id).min();
    bed.must_run_alone(first.unwrap()).await;
    let watched = Watched::new(Semaphore::MAX_PERMITS);
    let one = Running::start(worker(&bed, watched.serial()));
    let other = Running::start(worker(&bed, watched.serial()));
    bed.wait_for(Status::Done, 2).await;
    assert_eq!(watched.most(), 1);
    one.stop().await;
    other.stop().await;
}
