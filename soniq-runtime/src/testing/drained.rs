//! What a drain did, and assertions on it.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::dead_letter::Reason;
use crate::middleware::{Fate, JobEnd};

/// The attempts of a [`drain`](crate::Soniq::drain), in the order in which they ended.
///
/// Each assertion fails with the whole list, and can be followed by another.
///
#[doc = include_str!("example_task.md")]
/// use soniq_runtime::testing::AttemptEnd;
///
/// let soniq = testing::memory();
/// let worker = Worker::builder(&soniq).handler(ship(|_| Err(JobError::retry("no stock")))).build()?;
/// EnqueueOptions::default().enqueue(&soniq, Ship { order: 7 }).await?;
///
/// let drained = soniq.drain(&worker).await?;
/// drained.assert_retried(1).assert_done(0);
/// let [attempt] = drained.attempts() else { panic!("{drained}") };
/// assert!(matches!(&attempt.end, AttemptEnd::Retried { error, .. } if error == "no stock"));
/// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drained {
    attempts: Vec<Attempt>,
}

/// One attempt to run a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Wire name of the job's task, as its row has it.
    pub task: String,
    /// The job.
    pub job: Uuid,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// How it ended.
    pub end: AttemptEnd,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptEnd {
    /// The job is done.
    Done,
    /// It failed and is tried again.
    Retried {
        /// What it failed with.
        error: String,
        /// When it is due, from then.
        after: Duration,
    },
    /// Its handler put it off.
    Snoozed {
        /// Why.
        reason: String,
        /// When it is due, from then.
        after: Duration,
    },
    /// It failed for good.
    DeadLettered {
        /// Why no further attempt is made.
        reason: Reason,
        /// What it failed with.
        error: String,
    },
    /// It was called off while it ran.
    Cancelled,
    /// It was given back unfinished.
    Released,
}

impl Attempt {
    pub(super) fn new(end: &JobEnd<'_>) -> Self {
        Attempt {
            task: end.job.task().to_owned(),
            job: end.job.id(),
            attempt: end.job.attempt(),
            end: match end.fate {
                Fate::Completed => AttemptEnd::Done,
                Fate::Retried { error, after } => AttemptEnd::Retried {
                    error: error.to_owned(),
                    after,
                },
                Fate::Snoozed { reason, after } => AttemptEnd::Snoozed {
                    reason: reason.to_owned(),
                    after,
                },
                Fate::DeadLettered { reason, error } => AttemptEnd::DeadLettered {
                    reason,
                    error: error.to_owned(),
                },
                Fate::Cancelled => AttemptEnd::Cancelled,
                Fate::Released => AttemptEnd::Released,
            },
        }
    }
}

impl Drained {
    pub(super) fn new(attempts: Vec<Attempt>) -> Self {
        Drained { attempts }
    }

    /// All of them, in the order in which they ended.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// # Panics
    /// Unless so many jobs are done by it.
    #[track_caller]
    pub fn assert_done(&self, jobs: usize) -> &Self {
        self.assert(jobs, "done", |end| matches!(end, AttemptEnd::Done))
    }

    /// # Panics
    /// Unless so many attempts failed, to be tried again or for good.
    #[track_caller]
    pub fn assert_failed(&self, attempts: usize) -> &Self {
        use AttemptEnd::{DeadLettered, Retried};
        let failed = |end: &AttemptEnd| matches!(end, Retried { .. } | DeadLettered { .. });
        self.assert(attempts, "failed", failed)
    }

    /// # Panics
    /// Unless so many attempts failed whose jobs are tried again.
    #[track_caller]
    pub fn assert_retried(&self, attempts: usize) -> &Self {
        let retried = |end: &AttemptEnd| matches!(end, AttemptEnd::Retried { .. });
        self.assert(attempts, "failed and to be retried", retried)
    }

    /// # Panics
    /// Unless so many jobs were dead-lettered by it.
    #[track_caller]
    pub fn assert_dead_lettered(&self, jobs: usize) -> &Self {
        let dead = |end: &AttemptEnd| matches!(end, AttemptEnd::DeadLettered { .. });
        self.assert(jobs, "dead-lettered", dead)
    }

    /// # Panics
    /// Unless so many attempts were put off by their handlers.
    #[track_caller]
    pub fn assert_snoozed(&self, attempts: usize) -> &Self {
        let snoozed = |end: &AttemptEnd| matches!(end, AttemptEnd::Snoozed { .. });
        self.assert(attempts, "snoozed", snoozed)
    }

    /// # Panics
    /// Unless nothing was due.
    #[track_caller]
    pub fn assert_nothing_ran(&self) -> &Self {
        self.assert(0, "made", |_| true)
    }

    #[track_caller]
    fn assert(&self, expected: usize, how: &str, counts: impl Fn(&AttemptEnd) -> bool) -> &Self {
        let found = self.attempts.iter().filter(|own| counts(&own.end)).count();
        assert!(
            found == expected,
            "expected {expected} {how}, found {found}; {self}"
        );
        self
    }
}

/// All attempts, one a line.
impl fmt::Display for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attempts.is_empty() {
            return f.write_str("no job was due");
        }
        f.write_str("the attempts were:")?;
        for attempt in &self.attempts {
            write!(f, "\n  {attempt}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attempt {
            task,
            job,
            attempt,
            end,
        } = self;
        write!(f, "{task} {job}, attempt {attempt}: {end}")
    }
}

impl fmt::Display for AttemptEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttemptEnd::Done => f.write_str("done"),
            AttemptEnd::Retried { error, after } => {
                write!(f, "failed, again in {} s: {error}", after.as_secs_f64())
            }
            AttemptEnd::Snoozed { reason, after } => {
                write!(f, "snoozed for {} s: {reason}", after.as_secs_f64())
            }
            AttemptEnd::DeadLettered { reason, error } => {
                write!(f, "dead-lettered ({reason}): {error}")
            }
            AttemptEnd::Cancelled => f.write_str("cancelled"),
            AttemptEnd::Released => f.write_str("given back"),
        }
    }
}
