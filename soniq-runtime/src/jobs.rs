//! Jobs as rows: what an operator sees and may do.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;
use crate::soniq::Soniq;

/// Where a job stands. Dead letters are in a table of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for its time and a worker.
    Queued,
    /// Claimed by a worker.
    Processing,
    /// Finished.
    Done,
    /// Called off.
    Cancelled,
}

impl Status {
    /// All states.
    pub const ALL: [Status; 4] = [
        Status::Queued,
        Status::Processing,
        Status::Done,
        Status::Cancelled,
    ];

    /// The text in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Processing => "processing",
            Status::Done => "done",
            Status::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("{text:?} is no status: queued, processing, done or cancelled"))
    }
}

/// A row of the jobs table.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Wire name of the task.
    pub job_name: String,
    /// The arguments; `null` where they cannot be read.
    pub args: Value,
    /// Where it stands.
    pub status: Status,
    /// Claims so far.
    pub attempts: i32,
    /// Attempts in all; `None` leaves it to the handler.
    pub max_attempts: Option<i32>,
    /// Its queue.
    pub queue: String,
    /// Lower runs first.
    pub priority: i32,
    /// When it is due; `None` is at once, or a time that only Postgres can tell, as `infinity`.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When a finished row may be deleted.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the last failed attempt said.
    pub last_error: Option<String>,
    /// What the handler returned.
    pub result: Option<Value>,
    /// Who enqueued it.
    pub producer_id: Option<String>,
    /// The worker that has it.
    pub worker_id: Option<Uuid>,
    /// The key that it is alone with in the queue.
    pub dedup_key: Option<String>,
    /// When it was enqueued; `None` in rows that others wrote without it.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed; `None` in rows that others wrote without it.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Which jobs are meant; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct JobFilter {
    /// Of this task.
    pub job_name: Option<String>,
    /// In this queue.
    pub queue: Option<String>,
    /// In this state.
    pub status: Option<Status>,
    /// At most so many; 100 where `None`.
    pub limit: Option<u32>,
}

impl JobFilter {
    /// Of this task, by wire name.
    #[must_use]
    pub fn job_name(mut self, name: impl Into<String>) -> Self {
        self.job_name = Some(name.into());
        self
    }

    /// In this queue.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// In this state.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// The door to the jobs; see [`Soniq::jobs`].
#[derive(Debug, Clone, Copy)]
pub struct Jobs<'a> {
    pub(crate) soniq: &'a Soniq,
}

impl Jobs<'_> {
    /// Jobs, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &JobFilter) -> Result<Vec<Job>, Error> {
        self.soniq.backend().list_jobs(filter).await
    }

    /// Ids of jobs, newest first; all that match where the filter has no limit.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ids(&self, filter: &JobFilter) -> Result<Vec<Uuid>, Error> {
        self.soniq.backend().list_job_ids(filter).await
    }

    /// One job; `None` when it is unknown, dead-lettered, or finished and deleted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn get(&self, id: Uuid) -> Result<Option<Job>, Error> {
        self.soniq.backend().get_job(id).await
    }

    /// Calls off a queued job; `false` when it is not queued. For one that runs see
    /// [`cancel_running`](Self::cancel_running).
    ///
    /// # Errors
    /// What the database says.
    pub async fn cancel(&self, id: Uuid) -> Result<bool, Error> {
        let ttl = self.soniq.settings().result_ttl;
        self.soniq.backend().cancel_job(id, ttl).await
    }

    /// Calls off a job that runs; `false` when it does not run.
    ///
    /// Its handler's [`JobContext::cancelled`](crate::JobContext::cancelled) completes at once, and
    /// a second later the handler is dropped. The job ends as cancelled then: in place of a retry,
    /// a release or a rescue, should its worker die. A handler that succeeds all the same has done
    /// the job.
    ///
    /// # Errors
    /// What the database says.
    pub async fn cancel_running(&self, id: Uuid) -> Result<bool, Error> {
        let ttl = self.soniq.settings().result_ttl;
        self.soniq.backend().call_off_job(id, ttl).await
    }

    /// Deletes a job for good, with its result; `false` when it is unknown, or runs: its worker
    /// still has to end it. A queued one will never run.
    ///
    /// # Errors
    /// What the database says.
    pub async fn delete(&self, id: Uuid) -> Result<bool, Error> {
        self.soniq.backend().delete_job(id).await
    }
}
