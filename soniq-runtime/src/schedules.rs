//! Stored schedules as an operator handles them: list, pause, resume, run now, remove.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::enqueue::{Enqueued, Enqueuer, NewJob};
use crate::error::Error;
use crate::soniq::Soniq;

/// A schedule as it is stored.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RecurringJob {
    /// Its id.
    pub id: Uuid,
    /// Wire name of the task.
    pub job_name: String,
    /// `interval` or `cron`.
    pub schedule_type: String,
    /// Seconds, or a 5-field cron expression.
    pub schedule_value: String,
    /// IANA name.
    pub timezone: String,
    /// `one`, `all` or `none`.
    pub catch_up: String,
    /// Where its jobs go.
    pub queue: String,
    /// Of its jobs.
    pub priority: i32,
    /// Of its jobs.
    pub max_attempts: i32,
    /// Whether a firing that meets a queued job with the same arguments adds none.
    pub unique_job: bool,
    /// Of its jobs; `null` where they cannot be read.
    pub args: Value,
    /// `active` or `paused`.
    pub status: String,
    /// When it was stored.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last fired.
    pub last_run: Option<DateTime<Utc>>,
    /// When it fires next.
    pub next_run: Option<DateTime<Utc>>,
    /// How many jobs it has enqueued.
    pub run_count: i32,
    /// The last of them.
    pub last_job_id: Option<Uuid>,
    /// Whose contracts have it, or had it where it is an orphan; see
    /// [`Scheduler::tasks_of`](crate::Scheduler::tasks_of). Empty where it came another way.
    pub owners: Vec<String>,
    /// Since when no contract has it any more.
    pub orphaned_at: Option<DateTime<Utc>>,
    /// Why it cannot fire: an expression or a time zone that cannot be read, or arguments that are
    /// no object.
    pub problem: Option<String>,
}

/// The door to the stored schedules; see [`Soniq::schedules`]. Schedules go by their task's name.
#[derive(Debug, Clone, Copy)]
pub struct Schedules<'a> {
    pub(crate) soniq: &'a Soniq,
}

impl Schedules<'_> {
    /// All of them, by task.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self) -> Result<Vec<RecurringJob>, Error> {
        self.soniq.backend().list_schedules(None).await
    }

    /// That of one task.
    ///
    /// # Errors
    /// [`Error::NoSchedule`], or what the database says.
    pub async fn get(&self, task: &str) -> Result<RecurringJob, Error> {
        let found = self.soniq.backend().list_schedules(Some(task)).await?;
        found.into_iter().next().ok_or_else(|| no_schedule(task))
    }

    /// Has it fire no more until it is resumed, whatever its contract says; `false` when it was
    /// paused already.
    ///
    /// # Errors
    /// [`Error::NoSchedule`], or what the database says.
    pub async fn pause(&self, task: &str) -> Result<bool, Error> {
        let changed = self.soniq.backend().pause_schedule(task).await?;
        changed.ok_or_else(|| no_schedule(task))
    }

    /// Has it fire again, from the next time on; `false` when it was not paused. What it missed
    /// while it was paused is not made up for: `catch_up` is about outages.
    ///
    /// # Errors
    /// [`Error::NoSchedule`], or what the database says.
    pub async fn resume(&self, task: &str) -> Result<bool, Error> {
        let changed = self.soniq.backend().resume_schedule(task).await?;
        changed.ok_or_else(|| no_schedule(task))
    }

    /// Enqueues one job as the schedule would, paused or not. When it fires next stays as it is.
    ///
    /// # Errors
    /// [`Error::NoSchedule`], [`Error::InvalidArgs`] where the stored arguments are no object, or
    /// what the database says.
    pub async fn run_now(&self, task: &str) -> Result<Enqueued, Error> {
        let schedule = self.get(task).await?;
        let mut job = NewJob::new(schedule.job_name, schedule.args)?;
        job.queue = Some(schedule.queue);
        job.priority = Some(schedule.priority);
        job.max_attempts = Some(schedule.max_attempts);
        job.unique = schedule.unique_job;
        self.soniq.insert(job).await
    }

    /// Deletes it; whether it was there. One that a contract still has is stored again when the
    /// next scheduler of that contract starts: pause it instead.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove(&self, task: &str) -> Result<bool, Error> {
        self.soniq.backend().remove_schedule(task).await
    }
}

fn no_schedule(task: &str) -> Error {
    Error::NoSchedule {
        task: task.to_owned(),
    }
}
