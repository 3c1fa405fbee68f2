//! What the runtime asks of a store of jobs: one trait, one implementation per folder.
//!
//! Invariant: every state change of a job is one statement or one transaction, and every write by
//! a worker about a job that it claimed carries the claim's [`Fence`]; a write whose fence no
//! longer matches changes nothing.

#[cfg(all(test, feature = "testing"))]
mod machine;
#[cfg(feature = "testing")]
pub(crate) mod memory;
pub(crate) mod open;
mod orphan;
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod suspects;
pub(crate) mod trail;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use self::trail::Trail;
use crate::dead_letter::{DeadLetter, DeadLetterFilter, Reason};
use crate::doctor::Finding;
use crate::enqueue::{Enqueued, NewJob};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::jobs::{Job, JobFilter};
use crate::migrations::MigrationStatus;
use crate::rows::{Census, Reader};
use crate::scheduler::{Contracts, Fired, ScheduleChange};
use crate::schedules::RecurringJob;
use crate::stats::Stats;
use crate::task::ConcurrencySpec;
use crate::worker::Unknown;

/// Longest time that a store adds to its clock: a hundred years. A [`Duration`] reaches further than
/// any timestamp, and more than this means never.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A future of a backend's answer.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// Identifies one claim of one job. `attempts` alone recurs after a release or a snooze, and an id
/// is claimed again after a rescue; together with the claim's number it never matches twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fence {
    pub(crate) id: Uuid,
    /// `None` only where another implementation's sweep took the worker away.
    pub(crate) worker: Option<Uuid>,
    /// `None` in claims of Soniq for Python.
    pub(crate) claim_id: Option<i64>,
    pub(crate) attempts: Option<i32>,
}

/// A job as a claim returned it.
#[derive(Debug)]
pub(crate) struct ClaimedJob {
    pub(crate) fence: Fence,
    pub(crate) name: String,
    /// The reason, where the row cannot even be read: its arguments as JSON, or when it was made.
    pub(crate) args: Result<Value, String>,
    /// Bytes of its row, as far as the store says.
    pub(crate) size: usize,
    /// `None` in rows of producers that leave it to the handler.
    pub(crate) max_attempts: Option<i32>,
    pub(crate) queue: String,
    pub(crate) created_at: DateTime<Utc>,
    /// On its last try after its worker died.
    pub(crate) solo: bool,
}

/// How a claim ends.
#[derive(Debug, Clone)]
pub(crate) struct Finish {
    pub(crate) fence: Fence,
    pub(crate) outcome: Outcome,
    /// The handler may have completed the job in a transaction of its own: then a fence that no
    /// longer matches is no loss, and this is told which it was.
    pub(crate) own_end: Option<OwnEnd>,
    /// The queue in which another job of a limited task may start when this end is written.
    pub(crate) frees_slot_in: Option<String>,
}

impl Finish {
    pub(crate) fn new(fence: Fence, outcome: Outcome) -> Self {
        Finish {
            fence,
            outcome,
            own_end: None,
            frees_slot_in: None,
        }
    }
}

/// Called once it is known how a job ended whose handler wanted to complete it: with what was
/// written, or with `None` where its own transaction had ended the job.
#[derive(Clone)]
pub(crate) struct OwnEnd(Arc<Tell>);

type Tell = dyn Fn(Option<&Outcome>) + Send + Sync;

impl OwnEnd {
    pub(crate) fn new(tell: impl Fn(Option<&Outcome>) + Send + Sync + 'static) -> Self {
        OwnEnd(Arc::new(tell))
    }

    pub(crate) fn tell(&self, written: Option<&Outcome>) {
        (self.0)(written);
    }
}

impl fmt::Debug for OwnEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnEnd").finish_non_exhaustive()
    }
}

/// What ending claims left.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    /// No longer matched: the job was rescued from this worker, its end is dropped.
    pub(crate) lost: Vec<Fence>,
    /// Still to be written: somebody has the row locked, or a statement failed after others had
    /// succeeded.
    pub(crate) unwritten: Vec<Fence>,
}

/// What becomes of the job.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// Done; deleted at once where `ttl` is zero.
    Complete {
        result: Option<Value>,
        ttl: Duration,
    },
    /// Back to the queue, as queued for `delay` from now.
    Requeue {
        /// Gives the attempt back: a snooze, or a job that never started.
        refund: bool,
        delay: Delay,
        /// `None` leaves the last error as it was.
        error: Option<String>,
        /// Claimed alone the next time.
        solo: bool,
    },
    /// To the dead-letter table.
    DeadLetter {
        reason: Reason,
        /// `None` leaves the last error as it was.
        error: Option<String>,
        /// Of a row that leaves it to the handler; else the row's own is kept.
        max_attempts: i32,
    },
}

/// When a job that goes back to the queue is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Delay {
    /// Due now, with no time of its own.
    None,
    /// After this long, by the database's clock.
    For(Duration),
    /// When it was due before.
    Keep,
}

/// What a worker looks for.
#[derive(Debug, Clone)]
pub(crate) struct ClaimScope {
    pub(crate) worker: Uuid,
    pub(crate) queues: Vec<String>,
    /// The names that it has handlers for: it never takes another.
    pub(crate) names: Vec<String>,
    /// Those of them that any number of jobs may run of.
    pub(crate) free: Vec<String>,
    /// The others, by task.
    pub(crate) limited: Vec<LimitedTask>,
    /// What becomes of jobs with other names in its queues.
    pub(crate) unknown: Unknown,
    /// What its store remembers from one look to the next.
    pub(crate) trail: Arc<Trail>,
}

/// A task of which only so many jobs may run at once.
#[derive(Debug, Clone)]
pub(crate) struct LimitedTask {
    /// Its wire names: its own, its aliases and its retired versions.
    pub(crate) names: Vec<String>,
    pub(crate) spec: ConcurrencySpec,
}

/// What a worker knows before it goes to sleep.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Peek {
    /// Until the next job of its queues is due.
    pub(crate) next_due: Option<Duration>,
    /// A job waits to be claimed alone.
    pub(crate) solo: bool,
    /// Where the store wakes sleepers only.
    pub(crate) under_way: Option<UnderWay>,
}

/// Which transactions may still have something to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnderWay {
    /// All with a lower number have ended.
    pub(crate) oldest: i64,
    /// The lowest number that none had yet.
    pub(crate) next: i64,
}

/// A worker as it registers.
#[derive(Debug, Clone)]
pub(crate) struct WorkerRow {
    pub(crate) id: Uuid,
    pub(crate) hostname: String,
    pub(crate) queues: Vec<String>,
    pub(crate) concurrency: usize,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) heartbeat_timeout: Duration,
    /// Names and contract fingerprints, for the registry.
    pub(crate) tasks: Vec<(String, String)>,
    /// Attempts of a job that leaves them to the handler, for rescue.
    pub(crate) default_max_attempts: i32,
}

/// What a worker says of itself with each heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It claims.
    Running,
    /// It claims nothing more and ends what it has. Its row says so, and stays active: by it, others
    /// find its claims if it dies.
    Draining,
}

/// What a heartbeat found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beat {
    /// This worker's row is gone: others took it for dead and its claims are lost.
    pub(crate) row_gone: bool,
    /// Jobs of dead workers that went back to the queue or to the dead letters.
    pub(crate) rescued: usize,
    /// This worker's claims that have been called off.
    pub(crate) called_off: Vec<Uuid>,
    /// Somebody may have died: the next beat is due sooner, so that it is known in time.
    pub(crate) suspects: bool,
}

/// What a store tells a worker unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal<'a> {
    /// A job of this queue may be due.
    Due(&'a str),
    /// A job that runs somewhere has been called off.
    CalledOff(Uuid),
}

/// Called for each [`Signal`].
pub(crate) type Wake = Arc<dyn Fn(Signal<'_>) + Send + Sync>;

/// A worker's own connection: it holds the liveness lock, beats, listens, and rescues the dead.
/// Dropping it gives the lock up.
pub(crate) trait WorkerSession: Send {
    /// Writes a heartbeat and looks for dead workers.
    fn beat(&mut self, phase: Phase) -> Answer<'_, Beat>;
}

/// A store of jobs.
pub(crate) trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Creates or updates the tables; the versions that it applied.
    fn setup(&self) -> Answer<'_, Vec<String>>;
    /// Fails unless the tables are those of this release.
    fn check_schema(&self) -> Answer<'_, ()>;
    /// Every step of the schema that this release or the database knows, by version.
    fn migrations(&self) -> Answer<'_, Vec<MigrationStatus>>;

    /// Writes jobs, all or none.
    fn enqueue(&self, jobs: Vec<NewJob>) -> Answer<'_, Vec<Enqueued>>;

    /// Registers a worker and opens its session. `wake` is called for each notification.
    fn open_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>>;
    /// Opens a session of a registered worker anew, after its connection was lost. Fails with
    /// `row_gone` in the first beat when the row is no longer there.
    fn resume_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>>;
    /// Removes a worker that has no claims left.
    fn unregister(&self, worker: Uuid) -> Answer<'_, ()>;

    /// Claims up to `limit` due jobs of tasks without a limit, in the order in which they should run.
    fn claim<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, Vec<ClaimedJob>>;
    /// Claims up to `limit` due jobs of limited tasks, as far as their limits allow.
    fn claim_limited<'a>(
        &'a self,
        scope: &'a ClaimScope,
        limit: usize,
    ) -> Answer<'a, Vec<ClaimedJob>>;
    /// Has workers of these queues look for jobs.
    fn wake<'a>(&'a self, queues: &'a [String]) -> Answer<'a, ()>;
    /// Whether a worker is woken only while it is announced as asleep.
    fn wakes_sleepers_only(&self) -> bool {
        false
    }
    /// Has a worker woken from now on; whether it can be.
    fn announce_sleep<'a>(&'a self, _scope: &'a ClaimScope) -> Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }
    /// The opposite.
    fn withdraw_sleep(&self, _worker: Uuid) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
    /// Claims one job that must run alone.
    fn claim_solo<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Option<ClaimedJob>>;
    /// When to look again.
    fn peek<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Peek>;
    /// Dead-letters up to `limit` due jobs of these queues that have none of these names, those of
    /// paused queues left out; how many. What somebody has locked is passed over.
    fn dead_letter_unknown<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, usize>;
    /// Ends those of `claims` that can be ended without waiting for somebody else's transaction;
    /// the others come back, to be written later. An error means that none has ended.
    fn finish<'a>(&'a self, claims: &'a [Finish]) -> Answer<'a, Finished>;
    /// Gives back what the table says `worker` has claimed and is not among `known`: the answer to
    /// its claim was lost. How many jobs that were. The caller has no claim under way, or that
    /// claim's jobs may be among them.
    fn release_unknown<'a>(&'a self, worker: Uuid, known: &'a [Fence]) -> Answer<'a, usize>;

    /// One maintenance pass: deletes finished rows and dead letters past their time, rescues
    /// orphaned claims.
    /// `None` when another process is at it.
    fn maintain(&self, default_max_attempts: i32) -> Answer<'_, Option<Maintained>>;

    /// Jobs, newest first.
    fn list_jobs<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Job>>;
    /// Their ids; a filter without a limit means all.
    fn list_job_ids<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Uuid>>;
    /// One job, dead letters excluded.
    fn get_job(&self, id: Uuid) -> Answer<'_, Option<Job>>;
    /// Cancels a queued job; whether it was one.
    fn cancel_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool>;
    /// Tells the handler of a job that runs to stop; the job ends as cancelled unless its handler
    /// succeeds. Whether it ran.
    fn call_off_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool>;
    /// Deletes a job that does not run; whether it was there and did not.
    fn delete_job(&self, id: Uuid) -> Answer<'_, bool>;

    /// Dead letters, newest first.
    fn list_dead_letters<'a>(&'a self, filter: &'a DeadLetterFilter)
    -> Answer<'a, Vec<DeadLetter>>;
    /// Their ids; a filter without a limit means all.
    fn list_dead_letter_ids<'a>(&'a self, filter: &'a DeadLetterFilter) -> Answer<'a, Vec<Uuid>>;
    /// One dead letter.
    fn get_dead_letter(&self, id: Uuid) -> Answer<'_, Option<DeadLetter>>;
    /// A new queued job from a dead letter; `None` when there is no such dead letter.
    fn replay<'a>(&'a self, id: Uuid, producer_id: &'a str) -> Answer<'a, Option<Uuid>>;
    /// Deletes a dead letter; whether it was there.
    fn delete_dead_letter(&self, id: Uuid) -> Answer<'_, bool>;

    /// Has nobody claim from a queue; whether it was open.
    fn pause_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool>;
    /// The opposite; whether it was paused.
    fn resume_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool>;
    /// By name.
    fn paused_queues(&self) -> Answer<'_, Vec<String>>;

    /// Counts for people and monitors.
    fn stats(&self) -> Answer<'_, Stats>;

    /// Counts what may still run.
    fn census(&self) -> Answer<'_, Census>;
    /// Reads to `reader` what may still run of these names, of one moment with its census.
    fn read_rows<'a>(&'a self, names: &'a [String], reader: &'a mut dyn Reader) -> Answer<'a, ()>;
    /// The live workers, what they serve and what nobody does.
    fn fleet(&self) -> Answer<'_, Fleet>;
    /// What is wrong with the store itself; nothing that a store without a server could say.
    fn diagnose(&self) -> Answer<'_, Vec<Finding>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Makes the stored schedules what the contracts say, and marks those that they have no more.
    fn reconcile_schedules<'a>(
        &'a self,
        contracts: &'a [Contracts],
        defaults: ScheduleDefaults,
    ) -> Answer<'a, Vec<ScheduleChange>>;
    /// Enqueues what is due and advances it. `None` when another scheduler is at it.
    fn fire_schedules<'a>(&'a self, producer_id: &'a str) -> Answer<'a, Option<Fired>>;
    /// All schedules, or those of one task.
    fn list_schedules<'a>(&'a self, task: Option<&'a str>) -> Answer<'a, Vec<RecurringJob>>;
    /// Until the next schedule fires of those due later than `after`; `None` is now.
    fn next_firing(&self, after: Option<DateTime<Utc>>) -> Answer<'_, Option<Duration>>;
    /// Has a schedule fire no more; whether it did until now, `None` where there is none.
    fn pause_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>>;
    /// The opposite, from the next time on.
    fn resume_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>>;
    /// Deletes a schedule; whether it was there.
    fn remove_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, bool>;

    /// The store in memory, where it is that: its clock can be moved, and it fails on demand.
    #[cfg(feature = "testing")]
    fn as_memory(&self) -> Option<&memory::Memory> {
        None
    }
}

/// What a contract's schedule leaves to the settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScheduleDefaults {
    pub(crate) priority: i32,
    pub(crate) max_attempts: i32,
}

/// What a maintenance pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Maintained {
    /// Finished jobs deleted.
    pub(crate) expired: u64,
    /// Orphaned claims put back.
    pub(crate) rescued: usize,
    /// Dead letters deleted.
    pub(crate) purged: u64,
}
