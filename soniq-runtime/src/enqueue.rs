//! Enqueueing: what generated `enqueue` functions are made of.

use std::borrow::Cow;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::check::{self, Checked, Checker};
use crate::error::Error;
use crate::task::{TaskRef, TaskSpec};

/// The arguments of a task; generated code implements it for each `Args`.
pub trait TaskArgs: Checked + Serialize {
    /// The task that they belong to.
    const TASK: TaskRef<Self>;

    /// The contract's `dedup_key`, filled in from these arguments.
    fn dedup_key(&self) -> Option<String> {
        None
    }
}

/// What became of one enqueued job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    id: Uuid,
    duplicate: bool,
}

impl Enqueued {
    /// For [`Enqueuer`] implementations.
    pub fn new(id: Uuid, duplicate: bool) -> Self {
        Enqueued { id, duplicate }
    }

    /// The job's id: of the new row, or of the queued twin that was there already.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whether a queued job with the same key was there, so that nothing was inserted.
    pub fn is_duplicate(&self) -> bool {
        self.duplicate
    }
}

/// One job about to be written, checked and with its defaults filled in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewJob {
    /// Minted by the producer; `UUIDv7`, so inserts stay local in the index.
    pub id: Uuid,
    /// Wire name.
    pub name: String,
    /// A JSON object.
    pub args: Value,
    /// Routing tag; `None` is `default`.
    pub queue: Option<String>,
    /// Lower runs first; `None` is `SONIQ_PRIORITY`.
    pub priority: Option<i32>,
    /// `None` is `SONIQ_MAX_RETRIES` + 1.
    pub max_attempts: Option<i32>,
    /// When it is due; `None` is now.
    pub due: Option<Due>,
    /// At most one queued job per canonical args.
    pub unique: bool,
    /// At most one queued job per key.
    pub dedup_key: Option<String>,
    /// Contract fingerprint at enqueue; a constant in generated code.
    pub fingerprint: Option<Cow<'static, str>>,
    /// The id, where it was minted for this very call: no row has it.
    pub(crate) minted: Option<Uuid>,
}

impl NewJob {
    /// A job of any task, by wire name, for tools that know no generated types. The arguments are
    /// not checked against a contract.
    ///
    /// ```
    /// use soniq_runtime::NewJob;
    ///
    /// let mut job = NewJob::new("billing.send_invoice.v2", serde_json::json!({ "id": 7 }))?;
    /// job.queue = Some("bulk".to_owned());
    /// assert!(NewJob::new("billing.send_invoice.v2", serde_json::json!([7])).is_err());
    /// # Ok::<(), soniq_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] when `args` is no object, or holds what Postgres cannot store.
    pub fn new(name: impl Into<String>, args: Value) -> Result<Self, Error> {
        let name = name.into();
        let mut checker = Checker::default();
        if !args.is_object() {
            checker.violation("type", "is no JSON object");
        }
        check::check_storable(&args, &mut checker);
        let violations = checker.finish();
        if !violations.is_empty() {
            return Err(Error::InvalidArgs {
                task: name,
                violations,
            });
        }
        Ok(NewJob {
            id: Uuid::now_v7(),
            name,
            args,
            queue: None,
            priority: None,
            max_attempts: None,
            due: None,
            unique: false,
            dedup_key: None,
            fingerprint: None,
            minted: None,
        })
    }

    /// Whether it meets no row that is there: it has no key, and an id that nobody else has.
    pub(crate) fn is_new(&self) -> bool {
        !self.unique && self.dedup_key.is_none() && self.minted == Some(self.id)
    }
}

/// When a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// So long after the statement, by the database's clock.
    After(Duration),
    /// At this time.
    At(DateTime<Utc>),
}

/// Where jobs are written: a connection, the caller's transaction, or a [`Soniq`](crate::Soniq) handle.
///
/// | library | feature | what is handed over |
/// | --- | --- | --- |
/// | tokio-postgres 0.7, deadpool-postgres 0.14 | | `&Transaction`, `&Client` |
/// | sqlx 0.9 | `sqlx` | `&mut Transaction<Postgres>`, `&mut PgConnection` (`&mut *tx`) |
/// | diesel-async 0.9 | `diesel-async` | `&mut AsyncPgConnection` |
/// | `SeaORM` 2 | `sea-orm` | `&DatabaseTransaction`, `&DatabaseConnection` |
pub trait Enqueuer: Send {
    /// Writes one job.
    fn insert(self, job: NewJob) -> impl Future<Output = Result<Enqueued, Error>> + Send;

    /// Writes all jobs or none, in one statement; the answers are in the order of `jobs`.
    fn insert_many(
        self,
        jobs: Vec<NewJob>,
    ) -> impl Future<Output = Result<Vec<Enqueued>, Error>> + Send;
}

/// A task with options for the jobs about to be enqueued; generated `task()` makes one.
#[must_use = "nothing is enqueued until `enqueue` is called"]
pub struct EnqueueOptions<A> {
    queue: Option<String>,
    priority: Option<i32>,
    max_attempts: Option<i32>,
    due: Option<Due>,
    unique: Option<bool>,
    dedup_key: Option<String>,
    args: PhantomData<fn(A)>,
}

impl<A: TaskArgs> Default for EnqueueOptions<A> {
    fn default() -> Self {
        EnqueueOptions {
            queue: None,
            priority: None,
            max_attempts: None,
            due: None,
            unique: None,
            dedup_key: None,
            args: PhantomData,
        }
    }
}

impl<A: TaskArgs> EnqueueOptions<A> {
    /// Sends the job to another queue than the contract says.
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// 1..=1000; lower runs first.
    pub fn priority(mut self, priority: u16) -> Self {
        self.priority = Some(priority.into());
        self
    }

    /// Attempts in all, the first one included.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(i32::try_from(attempts).unwrap_or(i32::MAX));
        self
    }

    /// Due so long after the enqueueing statement, by the database's clock.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.due = Some(Due::After(delay));
        self
    }

    /// Due at this time.
    pub fn run_at(mut self, time: DateTime<Utc>) -> Self {
        self.due = Some(Due::At(time));
        self
    }

    /// At most one queued job with the same arguments; overrides the contract.
    pub fn unique(mut self, unique: bool) -> Self {
        self.unique = Some(unique);
        self
    }

    /// At most one queued job with this key; overrides the contract.
    pub fn dedup_key(mut self, key: impl Into<String>) -> Self {
        self.dedup_key = Some(key.into());
        self
    }

    /// Writes one job; inside a transaction it exists if and only if that commits.
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] before anything is written, or what the database says.
    pub async fn enqueue(self, db: impl Enqueuer, args: A) -> Result<Enqueued, Error> {
        let job = self.job(&args)?;
        db.insert(job).await
    }

    /// Writes all jobs or none, in one statement.
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] of the first job whose arguments break the contract, before anything
    /// is written; or what the database says.
    pub async fn enqueue_many(
        self,
        db: impl Enqueuer,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<Enqueued>, Error> {
        let jobs = args
            .into_iter()
            .map(|args| self.job(&args))
            .collect::<Result<Vec<_>, _>>()?;
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        db.insert_many(jobs).await
    }

    fn job(&self, args: &A) -> Result<NewJob, Error> {
        let spec: &TaskSpec = A::TASK.spec();
        let dedup_key = self.dedup_key.clone().or_else(|| args.dedup_key());
        let value = checked_value(spec.name, args)?;
        let id = Uuid::now_v7();
        Ok(NewJob {
            id,
            minted: Some(id),
            name: spec.name.to_owned(),
            args: value,
            queue: self.queue.clone().or(spec.queue.map(str::to_owned)),
            priority: self.priority.or(spec.priority.map(i32::from)),
            max_attempts: self.max_attempts.or(spec
                .retry
                .max_attempts
                .map(|n| i32::try_from(n).unwrap_or(i32::MAX))),
            due: self.due,
            unique: self.unique.unwrap_or(spec.unique),
            dedup_key,
            fingerprint: Some(Cow::Borrowed(spec.fingerprint)),
        })
    }
}

/// Encodes `args` and checks them against the contract; generated builders call it too.
///
/// # Errors
/// [`Error::InvalidArgs`] with every violation.
pub fn checked_value<A: Checked + Serialize>(task: &str, args: &A) -> Result<Value, Error> {
    check::encode(args).map_err(|violations| Error::InvalidArgs {
        task: task.to_owned(),
        violations,
    })
}
