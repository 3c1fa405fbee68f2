//! A job while it runs: what its handler knows of it and how it may end.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::backend::Fence;
use crate::blocking::Blocking;
use crate::check::Violation;

/// What a handler knows of the job it runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JobContext {
    inner: Arc<JobInfo>,
    cancel: CancellationToken,
}

/// The facts of one claimed job.
#[derive(Debug)]
pub(crate) struct JobInfo {
    pub(crate) fence: Fence,
    pub(crate) name: String,
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) queue: String,
    pub(crate) created_at: DateTime<Utc>,
    /// How long the finished row is kept.
    pub(crate) result_ttl: Duration,
    /// Whether the handler was about to complete the job in a transaction of its own.
    pub(crate) completes_itself: AtomicBool,
    /// What its handler runs on threads that it blocks.
    pub(crate) blocking: Blocking,
}

impl JobContext {
    pub(crate) fn new(info: JobInfo, cancel: CancellationToken) -> Self {
        JobContext {
            inner: Arc::new(info),
            cancel,
        }
    }

    /// Identifies this claim.
    pub(crate) fn fence(&self) -> Fence {
        self.inner.fence
    }

    /// How long the finished row is kept.
    pub(crate) fn result_ttl(&self) -> Duration {
        self.inner.result_ttl
    }

    /// What the handler runs on threads that it blocks.
    pub(crate) fn blocking_code(&self) -> &Blocking {
        &self.inner.blocking
    }

    /// From now on, how the handler ends says nothing about whether the job is done.
    pub(crate) fn note_completion(&self) {
        self.inner.completes_itself.store(true, Ordering::Release);
    }

    /// Whether the handler has completed the job in a transaction of its own, or tried to.
    pub(crate) fn completes_itself(&self) -> bool {
        self.inner.completes_itself.load(Ordering::Acquire)
    }

    /// The job's id; the same on every attempt.
    pub fn id(&self) -> Uuid {
        self.inner.fence.id
    }

    /// The wire name under which the job was enqueued.
    pub fn task(&self) -> &str {
        &self.inner.name
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.inner.attempt
    }

    /// Attempts in all; the job is dead-lettered when the last one fails.
    pub fn max_attempts(&self) -> u32 {
        self.inner.max_attempts
    }

    /// The queue it came from.
    pub fn queue(&self) -> &str {
        &self.inner.queue
    }

    /// When it was enqueued, by the database's clock.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.inner.created_at
    }

    /// Whether the handler should stop: the job was called off, its claim was lost, or a shutdown
    /// ran out of time.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Completes when the handler should stop; see [`is_cancelled`](Self::is_cancelled).
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}

/// How a handler says that an attempt did not succeed.
///
/// `?` on any error makes one that retries. Like `anyhow::Error` it does not implement
/// `std::error::Error` itself, so that this conversion can exist.
///
/// ```
/// use soniq_runtime::JobError;
///
/// fn parse(text: &str) -> Result<u32, JobError> {
///     Ok(text.parse::<u32>()?)
/// }
/// assert!(parse("x").is_err());
/// ```
pub struct JobError {
    pub(crate) kind: Kind,
    pub(crate) message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Try again after the task's backoff.
    Retry,
    /// Try again after this time.
    RetryAfter(Duration),
    /// Dead-letter at once.
    Permanent,
    /// Dead-letter at once: the row's arguments do not fit the contract.
    InvalidArguments,
    /// Back to the queue for this long; no attempt is used up.
    Snooze(Duration),
    /// The attempt ran out of time.
    Timeout,
}

impl JobError {
    /// A failure that a later attempt may not meet: retried after the task's backoff.
    pub fn retry(message: impl fmt::Display) -> Self {
        Self::new(Kind::Retry, message)
    }

    /// Retried after `delay` instead of the task's backoff; the attempt counts.
    pub fn retry_after(delay: Duration, message: impl fmt::Display) -> Self {
        Self::new(Kind::RetryAfter(delay), message)
    }

    /// A failure that no later attempt can mend: dead-lettered at once.
    pub fn permanent(message: impl fmt::Display) -> Self {
        Self::new(Kind::Permanent, message)
    }

    /// Not now: back to the queue for `delay` (at most `SONIQ_SNOOZE_MAX_SECONDS`), with no
    /// attempt used up.
    pub fn snooze(delay: Duration, reason: impl fmt::Display) -> Self {
        Self::new(Kind::Snooze(delay), reason)
    }

    pub(crate) fn new(kind: Kind, message: impl fmt::Display) -> Self {
        JobError {
            kind,
            message: message.to_string(),
        }
    }

    pub(crate) fn invalid_arguments(violations: &[Violation]) -> Self {
        let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
        Self::new(Kind::InvalidArguments, text.join("; "))
    }

    /// The text that is kept as the job's `last_error`.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Debug for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E> From<E> for JobError
where
    E: StdError + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Self::new(Kind::Retry, message)
    }
}
