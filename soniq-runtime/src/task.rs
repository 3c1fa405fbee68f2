//! What a task is to the runtime: its wire name and how its jobs are run by default.

use std::marker::PhantomData;
use std::time::Duration;

/// What a contract says about a task beside its arguments. Generated code holds one constant per
/// task; nothing of it is looked up in the database.
#[derive(Debug, Clone)]
pub struct TaskSpec {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) fingerprint: &'static str,
    pub(crate) queue: Option<&'static str>,
    pub(crate) priority: Option<u16>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) result_ttl: Option<Duration>,
    pub(crate) retry: RetrySpec,
    pub(crate) unique: bool,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) schedule: Option<ScheduleSpec>,
    pub(crate) concurrency: Option<ConcurrencySpec>,
}

/// How many jobs of a task may run at once, over all workers; counted in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencySpec {
    /// So many, from 1.
    pub limit: u32,
    /// Of those whose arguments give the same key; empty counts all jobs of the task.
    pub key: &'static [KeyPart],
}

/// A piece of a key that is made from arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPart {
    /// Text as it stands.
    Literal(&'static str),
    /// The value of the property at this path.
    Field(&'static [&'static str]),
}

/// How failed attempts of a task are retried, as far as its contract says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySpec {
    /// Attempts in all; `None` leaves `SONIQ_MAX_RETRIES` + 1.
    pub max_attempts: Option<u32>,
    /// How the delay grows from attempt to attempt.
    pub backoff: Backoff,
    /// No delay is longer than this. `None` ends exponential growth at ten minutes, or at the first
    /// delay if that is longer, and leaves delays alone that are written out.
    pub max_delay: Option<Duration>,
    /// Whether a delay is spread at random over its upper half, so that jobs that failed
    /// together do not come back together.
    pub jitter: bool,
}

/// Delay before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    /// The same delay each time.
    Fixed(Duration),
    /// This delay first, doubling with each further attempt.
    Exponential(Duration),
    /// One delay per retry; the last one repeats. An empty list retries at once.
    List(&'static [Duration]),
}

impl RetrySpec {
    /// Exponential from 1 s up to 10 min, with jitter.
    pub const DEFAULT: RetrySpec = RetrySpec {
        max_attempts: None,
        backoff: Backoff::Exponential(Duration::from_secs(1)),
        max_delay: None,
        jitter: true,
    };
}

/// When the scheduler enqueues a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// When it fires.
    pub trigger: Trigger,
    /// IANA time zone of a cron expression; `None` is UTC.
    pub timezone: Option<&'static str>,
    /// What happens to firings missed while no scheduler ran.
    pub catch_up: CatchUp,
    /// Arguments of each firing, a JSON object as text.
    pub args: &'static str,
}

/// When a schedule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A 5-field cron expression.
    Cron(&'static str),
    /// A fixed interval, counted from the first start of a scheduler.
    Every(Duration),
}

/// What happens to firings missed while no scheduler ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CatchUp {
    /// One job for all of them.
    #[default]
    One,
    /// One job each, at most 1000 per schedule.
    All,
    /// None; the next firing is the first one.
    None,
}

impl TaskSpec {
    /// A task with the runtime's defaults. `fingerprint` is the SHA-256 of its canonical schema.
    pub const fn new(name: &'static str, version: u32, fingerprint: &'static str) -> Self {
        TaskSpec {
            name,
            version,
            fingerprint,
            queue: None,
            priority: None,
            timeout: None,
            result_ttl: None,
            retry: RetrySpec::DEFAULT,
            unique: false,
            aliases: &[],
            schedule: None,
            concurrency: None,
        }
    }

    /// Routes jobs to `queue`.
    #[must_use]
    pub const fn queue(mut self, queue: &'static str) -> Self {
        self.queue = Some(queue);
        self
    }

    /// 1..=1000; lower runs first.
    #[must_use]
    pub const fn priority(mut self, priority: u16) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Longest time one attempt may take; zero means no limit.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a finished row is kept; zero deletes it on completion.
    #[must_use]
    pub const fn result_ttl(mut self, ttl: Duration) -> Self {
        self.result_ttl = Some(ttl);
        self
    }

    /// How failed attempts are retried.
    #[must_use]
    pub const fn retry(mut self, retry: RetrySpec) -> Self {
        self.retry = retry;
        self
    }

    /// At most one queued job per canonical args.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Older wire names under which rows may still lie.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// How many of its jobs may run at once.
    #[must_use]
    pub const fn concurrency(mut self, concurrency: ConcurrencySpec) -> Self {
        self.concurrency = Some(concurrency);
        self
    }

    /// When the scheduler enqueues it.
    #[must_use]
    pub const fn schedule(mut self, schedule: ScheduleSpec) -> Self {
        self.schedule = Some(schedule);
        self
    }
}

/// A task by its wire name, typed by its arguments `A`. Generated code has one as `TASK`.
pub struct TaskRef<A> {
    spec: &'static TaskSpec,
    args: PhantomData<fn(A) -> A>,
}

impl<A> Clone for TaskRef<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for TaskRef<A> {}

impl<A> std::fmt::Debug for TaskRef<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TaskRef").field(&self.spec.name).finish()
    }
}

impl<A> TaskRef<A> {
    /// Ties a spec to its argument type; for generated code.
    pub const fn new(spec: &'static TaskSpec) -> Self {
        TaskRef {
            spec,
            args: PhantomData,
        }
    }

    /// The wire name, `billing.send_invoice.v2`.
    pub const fn name(self) -> &'static str {
        self.spec.name
    }

    /// The contract's version of the task.
    pub const fn version(self) -> u32 {
        self.spec.version
    }

    /// SHA-256 of the task's canonical schema, lower-case hex.
    pub const fn fingerprint(self) -> &'static str {
        self.spec.fingerprint
    }

    /// All that the contract says about running it.
    pub const fn spec(self) -> &'static TaskSpec {
        self.spec
    }
}
