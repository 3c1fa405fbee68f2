//! Retry decisions in code, for what a contract's `retry` cannot say.

use std::time::Duration;

/// Decides what follows a failed attempt. A closure is one.
///
/// It is asked about failures that the contract would retry: while attempts are left, and not about
/// [`JobError::permanent`](crate::JobError::permanent), [`JobError::snooze`](crate::JobError::snooze)
/// or [`JobError::retry_after`](crate::JobError::retry_after), by which the handler has decided.
/// Where the handler completes its job in a transaction, it is asked in advance, for the case that
/// this was not committed.
///
/// ```
/// use std::time::Duration;
/// use soniq_runtime::{Failure, Retry};
///
/// fn patient_with_the_mail_server(failure: &Failure<'_>) -> Retry {
///     if failure.error.contains("421") {
///         Retry::After(Duration::from_secs(600))
///     } else {
///         Retry::AsContract
///     }
/// }
/// # fn example(builder: soniq_runtime::WorkerBuilder) -> soniq_runtime::WorkerBuilder {
/// builder.retry_policy(patient_with_the_mail_server)
/// # }
/// ```
pub trait RetryPolicy: Send + Sync + 'static {
    /// What follows.
    fn decide(&self, failure: &Failure<'_>) -> Retry;
}

impl<F> RetryPolicy for F
where
    F: Fn(&Failure<'_>) -> Retry + Send + Sync + 'static,
{
    fn decide(&self, failure: &Failure<'_>) -> Retry {
        self(failure)
    }
}

/// A failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure<'a> {
    /// The wire name under which the job was enqueued.
    pub task: &'a str,
    /// Which attempt failed, from 1.
    pub attempt: u32,
    /// Attempts in all.
    pub max_attempts: u32,
    /// What it failed with; `timed out after ..` for one that took too long.
    pub error: &'a str,
    /// How long the contract has it wait, jitter included.
    pub delay: Duration,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// What the contract says: another attempt after [`Failure::delay`].
    AsContract,
    /// Another attempt after this time.
    After(Duration),
    /// None: the job is dead-lettered.
    GiveUp,
}
