//! A store for one test, what lies in it, and what is done to it behind the handle's back.
//!
//! Tests look through the handle where it shows enough. What it does not show, and what no handle does
//! (the passing of time, another worker's sweep), is for the [`Store`] to tell and to do; what other
//! programs write lies in [`Tables`].

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use soniq_runtime::{
    DeadLetter, DeadLetterFilter, Job, JobFilter, Settings, Soniq, Status, TaskHandler, Worker,
    WorkerStats,
};
use uuid::Uuid;

use crate::conformance::Capabilities;
use crate::probe::eventually;

pub(crate) mod memory;
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

/// A table that is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Jobs,
    Workers,
    /// Which worker handles what.
    Registry,
    /// Schedules that every Soniq's scheduler reads.
    RecurringJobs,
    /// Those with a time zone or a catch-up policy.
    Schedules,
    /// Whose contracts have them.
    ScheduleOwners,
}

impl Table {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Table::Jobs => "soniq_jobs",
            Table::Workers => "soniq_workers",
            Table::Registry => "soniq_task_registry",
            Table::RecurringJobs => "soniq_recurring_jobs",
            Table::Schedules => "soniq_schedules",
            Table::ScheduleOwners => "soniq_schedule_owners",
        }
    }
}

/// A backend as its tests handle it.
pub(crate) trait Store: Send + Sync {
    /// Has so much time gone by for everything that is stored.
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()>;
    /// How many rows carry the number of a claim.
    fn claims(&self) -> BoxFuture<'_, usize>;
    /// All that is stored of a job. Where that can be told, it shows a write that changed nothing, too.
    fn everything_about(&self, job: Uuid) -> BoxFuture<'_, Value>;
    /// The `dedup_key` that a job had before it met its twin, where notes are kept.
    fn given_up_key(&self, job: Uuid) -> BoxFuture<'_, Option<String>>;
    /// Marks a queued job as a rescue does whose worker died at its last attempt.
    fn must_run_alone(&self, job: Uuid) -> BoxFuture<'_, ()>;
    /// Calls off a job that runs, for 250 s, and tells nobody.
    fn call_off_silently(&self, job: Uuid) -> BoxFuture<'_, ()>;
    /// Has another worker's claim take the place of the one that a job is under, at the same attempt.
    fn hand_over(&self, job: Uuid) -> BoxFuture<'_, ()>;
    /// Has a worker's last heartbeat be so long ago.
    fn silence(&self, worker: Uuid, time: Duration) -> BoxFuture<'_, ()>;
    /// Removes the rows of all workers.
    fn forget_workers(&self) -> BoxFuture<'_, ()>;
    /// As a sweep of another worker takes all workers for dead: at once, their claims are queued
    /// again and their rows gone.
    fn take_all_for_dead(&self) -> BoxFuture<'_, ()>;
    /// The tables, where they are shared with others.
    fn tables(&self) -> &dyn Tables {
        panic!("a test that reads or writes tables declares `needs shared_tables`");
    }
}

/// Tables as other programs read and write them. Rows are objects by column, with times in RFC 3339;
/// `matching` is an object too, and means the rows that have all of its values.
pub(crate) trait Tables {
    fn rows(&self, table: Table) -> BoxFuture<'_, Vec<Value>>;
    fn insert(&self, table: Table, row: Value) -> BoxFuture<'_, ()>;
    fn update(&self, table: Table, matching: Value, set: Value) -> BoxFuture<'_, ()>;
    fn delete(&self, table: Table, matching: Value) -> BoxFuture<'_, ()>;
}

/// A store with nothing in it, and a handle whose waits are short.
pub(crate) struct Bed {
    pub(crate) soniq: Soniq,
    pub(crate) can: Capabilities,
    store: Box<dyn Store>,
}

impl Bed {
    /// Another handle on this bed's store.
    pub(crate) fn tuned(&self, change: impl FnOnce(&mut Settings)) -> Soniq {
        let mut settings = self.soniq.settings().clone();
        change(&mut settings);
        Soniq::with_settings(settings).unwrap()
    }

    pub(crate) fn worker(&self, handler: TaskHandler) -> Worker {
        let builder = Worker::builder(&self.soniq).handler(handler);
        builder.build().unwrap()
    }

    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let all = JobFilter::default().limit(100_000);
        self.soniq.jobs().list(&all).await.unwrap()
    }

    /// Those of one task, by its wire name.
    pub(crate) async fn jobs_of(&self, task: &str) -> Vec<Job> {
        let all = JobFilter::default().limit(100_000).job_name(task);
        self.soniq.jobs().list(&all).await.unwrap()
    }

    pub(crate) async fn job(&self, id: Uuid) -> Job {
        self.soniq.jobs().get(id).await.unwrap().unwrap()
    }

    /// `None` where the job is gone, or a dead letter.
    pub(crate) async fn status(&self, id: Uuid) -> Option<Status> {
        let job = self.soniq.jobs().get(id).await.unwrap();
        job.map(|job| job.status)
    }

    /// How many jobs are in this state.
    pub(crate) async fn count(&self, status: Status) -> usize {
        let stats = self.soniq.stats().await.unwrap();
        let counts = stats.queues.iter().map(|queue| match status {
            Status::Queued => queue.due + queue.scheduled,
            Status::Processing => queue.processing,
            Status::Done => queue.done,
            Status::Cancelled => queue.cancelled,
        });
        usize::try_from(counts.sum::<i64>()).unwrap()
    }

    /// Polls until so many jobs are in this state.
    pub(crate) async fn wait_for(&self, status: Status, expected: usize) {
        let what = format!("{status} jobs");
        self.wait_until(&what, expected, async || self.count(status).await)
            .await;
    }

    pub(crate) async fn dead_letters(&self) -> Vec<DeadLetter> {
        let all = DeadLetterFilter::default().limit(100_000);
        self.soniq.dead_letter().list(&all).await.unwrap()
    }

    pub(crate) async fn wait_for_dead_letters(&self, expected: usize) {
        let count = async || self.dead_letters().await.len();
        self.wait_until("dead letters", expected, count).await;
    }

    /// The registered workers.
    pub(crate) async fn workers(&self) -> Vec<WorkerStats> {
        self.soniq.stats().await.unwrap().workers
    }

    pub(crate) async fn wait_for_workers(&self, expected: usize) {
        let count = async || self.workers().await.len();
        self.wait_until("workers", expected, count).await;
    }

    /// Polls until `count` gives what is expected.
    pub(crate) async fn wait_until(
        &self,
        what: &str,
        expected: usize,
        count: impl AsyncFn() -> usize,
    ) {
        let last = Mutex::new(0);
        let reached = eventually(async || {
            let count = count().await;
            *last.lock().unwrap() = count;
            count == expected
        })
        .await;
        let last = last.lock().unwrap();
        assert!(reached, "{what}: expected {expected}, last {last}");
    }

    /// By the store's own clock.
    pub(crate) async fn now(&self) -> DateTime<Utc> {
        self.soniq.fleet().await.unwrap().taken_at
    }

    /// A time as rows have it.
    pub(crate) async fn ago(&self, time: Duration) -> Value {
        text(self.now().await - time)
    }

    /// Has so much time gone by for everything that is stored. A whole number of minutes keeps
    /// schedules on the minute.
    pub(crate) async fn pass(&self, time: Duration) {
        self.store.pass(time).await;
    }

    pub(crate) async fn rows(&self, table: Table) -> Vec<Value> {
        self.store.tables().rows(table).await
    }

    pub(crate) async fn insert(&self, table: Table, row: Value) {
        self.store.tables().insert(table, row).await;
    }

    pub(crate) async fn update(&self, table: Table, matching: Value, set: Value) {
        self.store.tables().update(table, matching, set).await;
    }

    pub(crate) async fn delete(&self, table: Table, matching: Value) {
        self.store.tables().delete(table, matching).await;
    }

    pub(crate) async fn claims(&self) -> usize {
        self.store.claims().await
    }

    pub(crate) async fn everything_about(&self, job: Uuid) -> Value {
        self.store.everything_about(job).await
    }

    pub(crate) async fn given_up_key(&self, job: Uuid) -> Option<String> {
        self.store.given_up_key(job).await
    }

    pub(crate) async fn must_run_alone(&self, job: Uuid) {
        self.store.must_run_alone(job).await;
    }

    pub(crate) async fn call_off_silently(&self, job: Uuid) {
        self.store.call_off_silently(job).await;
    }

    pub(crate) async fn hand_over(&self, job: Uuid) {
        self.store.hand_over(job).await;
    }

    pub(crate) async fn silence(&self, worker: Uuid, time: Duration) {
        self.store.silence(worker, time).await;
    }

    pub(crate) async fn forget_workers(&self) {
        self.store.forget_workers().await;
    }

    pub(crate) async fn take_all_for_dead(&self) {
        self.store.take_all_for_dead().await;
    }
}

pub(crate) fn text(time: DateTime<Utc>) -> Value {
    json!(time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The columns that hold times, by table: what [`Store::pass`] shifts where the clock is not ours.
const TIMES: [(&str, &[&str]); 7] = [
    (
        "soniq_jobs",
        &["scheduled_at", "expires_at", "created_at", "updated_at"],
    ),
    (
        "soniq_dead_letter_jobs",
        &[
            "original_created_at",
            "moved_to_dead_letter_at",
            "last_resurrection_at",
            "created_at",
        ],
    ),
    ("soniq_workers", &["last_heartbeat", "started_at"]),
    ("soniq_task_registry", &["last_seen_at"]),
    (
        "soniq_recurring_jobs",
        &["created_at", "last_run", "next_run", "updated_at"],
    ),
    (
        "soniq_schedules",
        &["created_at", "last_run", "next_run", "updated_at"],
    ),
    ("soniq_paused_queues", &["paused_at"]),
];
