//! Dead letters: jobs that will not run again by themselves, and what an operator does with them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;
use crate::soniq::Soniq;

/// Why a job was dead-lettered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Its last attempt failed.
    MaxRetriesExceeded,
    /// The handler said that no retry can help.
    PermanentFailure,
    /// No handler for its name, where a worker was told to refuse such jobs.
    JobNotFound,
    /// Its arguments do not fit the contract.
    InvalidArguments,
    /// Its last attempt ran out of time.
    Timeout,
    /// A resource ran out.
    ResourceExhausted,
    /// An operator moved it.
    ManualMove,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 7] = [
        Reason::MaxRetriesExceeded,
        Reason::PermanentFailure,
        Reason::JobNotFound,
        Reason::InvalidArguments,
        Reason::Timeout,
        Reason::ResourceExhausted,
        Reason::ManualMove,
    ];

    /// The text in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::MaxRetriesExceeded => "max_retries_exceeded",
            Reason::PermanentFailure => "permanent_failure",
            Reason::JobNotFound => "job_not_found",
            Reason::InvalidArguments => "invalid_arguments",
            Reason::Timeout => "timeout",
            Reason::ResourceExhausted => "resource_exhausted",
            Reason::ManualMove => "manual_move",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Reason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| format!("{text:?} is no dead-letter reason"))
    }
}

/// A row of the dead-letter table.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The job's own id.
    pub id: Uuid,
    /// Wire name of the task.
    pub job_name: String,
    /// The arguments; `null` where they cannot be read.
    pub args: Value,
    /// The queue it came from.
    pub queue: String,
    /// Its priority.
    pub priority: i32,
    /// Attempts that it had.
    pub attempts: i32,
    /// Attempts that it could have.
    pub max_attempts: i32,
    /// What the last attempt said.
    pub last_error: Option<String>,
    /// Why it is here; text, since other writers may know other reasons.
    pub reason: String,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was dead-lettered.
    pub dead_lettered_at: DateTime<Utc>,
    /// How often it was replayed.
    pub resurrection_count: i32,
    /// When it was replayed last.
    pub last_resurrection_at: Option<DateTime<Utc>>,
}

/// Which dead letters are meant; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DeadLetterFilter {
    /// Of this task.
    pub job_name: Option<String>,
    /// From this queue.
    pub queue: Option<String>,
    /// For this reason.
    pub reason: Option<String>,
    /// Dead-lettered longer ago than this, by the database's clock.
    pub older_than: Option<Duration>,
    /// At most so many; 100 where `None`.
    pub limit: Option<u32>,
}

impl DeadLetterFilter {
    /// Of this task, by wire name.
    #[must_use]
    pub fn job_name(mut self, name: impl Into<String>) -> Self {
        self.job_name = Some(name.into());
        self
    }

    /// From this queue.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// For this reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Dead-lettered longer ago than this.
    #[must_use]
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = Some(age);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// The door to the dead letters; see [`Soniq::dead_letter`].
#[derive(Debug, Clone, Copy)]
pub struct DeadLetters<'a> {
    pub(crate) soniq: &'a Soniq,
}

impl DeadLetters<'_> {
    /// Dead letters, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetter>, Error> {
        self.soniq.backend().list_dead_letters(filter).await
    }

    /// Ids of dead letters, newest first; all that match where the filter has no limit.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ids(&self, filter: &DeadLetterFilter) -> Result<Vec<Uuid>, Error> {
        self.soniq.backend().list_dead_letter_ids(filter).await
    }

    /// One dead letter by its job's id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn get(&self, id: Uuid) -> Result<Option<DeadLetter>, Error> {
        self.soniq.backend().get_dead_letter(id).await
    }

    /// Enqueues a new job from a dead letter, with its full budget of attempts. The dead letter
    /// stays and counts it. `None` when there is none of this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn replay(&self, id: Uuid) -> Result<Option<Uuid>, Error> {
        let producer = &self.soniq.settings().producer_id;
        self.soniq.backend().replay(id, producer).await
    }

    /// Deletes a dead letter for good; whether it was there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn purge(&self, id: Uuid) -> Result<bool, Error> {
        self.soniq.backend().delete_dead_letter(id).await
    }
}
