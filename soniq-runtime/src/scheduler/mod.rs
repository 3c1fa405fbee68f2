//! The scheduler: enqueues tasks at their times. Any number may run; an advisory lock lets one at
//! a time fire, in the transaction that also moves the schedule on, so no firing is doubled.
//!
//! `run.rs` is the loop, `rule.rs` says what fires when, `cron.rs` what becomes of that when clocks
//! are changed, `wanted.rs` what contracts say. What an operator does with stored schedules is [`Schedules`](crate::Schedules).

mod cron;
mod rule;
mod run;
mod wanted;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::task::TaskSpec;

pub(crate) use self::rule::{Due, Rule, next_regular};
pub use self::run::Scheduler;
pub(crate) use self::wanted::Wanted;

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

/// What reconciling contracts with stored schedules found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleChange {
    /// Stored for the first time.
    Added(String),
    /// Stored anew, since the contract changed.
    Changed(String),
    /// Contracts of this owner had it and no longer do, nor do anybody else's. It still fires:
    /// whether it should is for an operator to say.
    Orphaned(String),
    /// Not stored yet, since somebody has its row locked.
    Postponed(String),
}

/// Tasks whose schedules are stored together.
#[derive(Debug, Clone)]
pub(crate) struct Contracts {
    /// Whose they are; `None` where nobody asked for orphans.
    pub(crate) owner: Option<String>,
    pub(crate) tasks: Vec<&'static TaskSpec>,
}

/// What one look at the stored schedules did.
#[derive(Debug)]
pub(crate) struct Fired {
    pub(crate) firings: Vec<Firing>,
    /// Due schedules that could not fire.
    pub(crate) failures: Vec<FailedFiring>,
    /// When the look was, by the database's clock.
    pub(crate) now: DateTime<Utc>,
}

/// A due schedule that could not fire, and stays due.
#[derive(Debug)]
pub(crate) struct FailedFiring {
    pub(crate) schedule: Uuid,
    pub(crate) job_name: String,
    pub(crate) reason: String,
}
