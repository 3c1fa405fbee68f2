//! The scheduler: enqueues tasks at their times. Any number may run; an advisory lock lets one at
//! a time fire, in the transaction that also moves the schedule on, so no firing is doubled.

mod cron;
mod rule;

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::soniq::Soniq;
use crate::task::TaskSpec;

pub(crate) use self::rule::{Due, Rule};

/// How long a scheduler sleeps at most: a schedule added meanwhile is seen by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

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
    pub args: Value,
    /// `active` or `paused`.
    pub status: String,
    /// When it last fired.
    pub last_run: Option<DateTime<Utc>>,
    /// When it fires next.
    pub next_run: Option<DateTime<Utc>>,
    /// How many jobs it has enqueued.
    pub run_count: i32,
    /// The last of them.
    pub last_job_id: Option<Uuid>,
}

/// One job that a schedule enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Firing {
    /// Wire name of the task.
    pub job_name: String,
    /// The job.
    pub job_id: Uuid,
    /// The time that it stands for.
    pub due: DateTime<Utc>,
}

/// What reconciling contracts with stored schedules changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleChange {
    /// Stored for the first time.
    Added(String),
    /// Stored anew, since the contract changed.
    Changed(String),
}

/// Enqueues tasks at their times.
#[derive(Debug, Clone)]
pub struct Scheduler {
    soniq: Soniq,
    tasks: Vec<&'static TaskSpec>,
}

impl Scheduler {
    /// A scheduler of whatever schedules are stored.
    pub fn new(soniq: &Soniq) -> Self {
        Scheduler {
            soniq: soniq.clone(),
            tasks: Vec::new(),
        }
    }

    /// Also stores the schedules of these tasks' contracts, at its start.
    #[must_use]
    pub fn tasks(mut self, tasks: impl IntoIterator<Item = &'static TaskSpec>) -> Self {
        self.tasks.extend(tasks);
        self
    }

    /// Stores the contracts' schedules: new ones are added, changed ones replaced, a paused one
    /// stays paused.
    ///
    /// # Errors
    /// [`Error::Schedule`] for an expression that cannot be read, or what the database says.
    pub async fn reconcile(&self) -> Result<Vec<ScheduleChange>, Error> {
        let settings = self.soniq.settings();
        let defaults = ScheduleDefaults {
            priority: settings.priority,
            max_attempts: settings.default_max_attempts(),
        };
        self.soniq
            .backend()
            .reconcile_schedules(&self.tasks, defaults)
            .await
    }

    /// Enqueues what is due now, once; `None` when another scheduler is at it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tick(&self) -> Result<Option<Vec<Firing>>, Error> {
        let producer = &self.soniq.settings().producer_id;
        self.soniq.backend().fire_schedules(producer).await
    }

    /// Runs until `shutdown` completes. A database that cannot be reached is tried again.
    ///
    /// # Errors
    /// A schema that does not fit, or a contract's schedule that cannot be read, at the start.
    pub async fn run_until(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        self.soniq.check_schema().await?;
        for change in self.reconcile().await? {
            match change {
                ScheduleChange::Added(name) => tracing::info!(task = name, "schedule added"),
                ScheduleChange::Changed(name) => tracing::info!(task = name, "schedule changed"),
            }
        }
        tracing::info!("scheduler started");
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let sleep = match self.step().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::error!(%error, "the scheduler could not fire; trying again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    async fn step(&self) -> Result<Duration, Error> {
        for firing in self.tick().await?.unwrap_or_default() {
            tracing::info!(task = firing.job_name, job = %firing.job_id, "schedule fired");
        }
        let next = self.soniq.backend().next_firing().await?;
        // Not a spin: while another scheduler fires, what is due stays due for a moment.
        Ok(next
            .unwrap_or(LONGEST_SLEEP)
            .clamp(Duration::from_millis(20), LONGEST_SLEEP))
    }
}
