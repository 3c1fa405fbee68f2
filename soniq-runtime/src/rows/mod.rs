//! The rows that lie in the database and have yet to run: how many there are of which task, and
//! whether they would run.
//!
//! Two gates before a deploy. [`Rows::census`] counts, so that a version whose rows are gone can be
//! dropped. [`Rows::check`] reads every row and asks a [`Judge`] what would become of it; handlers
//! are a judge that decodes and upgrades as a worker would, and runs nothing:
//!
//! ```no_run
//! # mod tasks { pub mod billing { pub fn handlers<H>(_: H) -> soniq_runtime::Handlers { Vec::new().into() } } }
//! # struct Billing;
//! # async fn example(soniq: soniq_runtime::Soniq) -> Result<(), soniq_runtime::Error> {
//! let handlers = tasks::billing::handlers(Billing);
//! let report = soniq.rows().check(&handlers, None, |_| {}).await?;
//! print!("{report}");
//! assert_eq!(report.would_fail, 0);
//! # Ok(()) }
//! ```
//!
//! Both look at one moment, from a read-only transaction that takes no lock a writer waits for. A
//! check reads rows one by one: a million of them take time, but no memory. While it reads, the
//! database cannot vacuum away what its writers leave behind, and a migration waits for it.

mod census;
mod check;
mod judge;
mod progress;
mod report;
mod text;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

pub use census::{Census, TableRows};
pub(crate) use check::Reader;
pub use judge::{Judge, Standing, Verdict};
pub use progress::{Progress, ProgressLine};
pub use report::{BrokenRow, BrokenRule, RowReport, TaskReport};

use crate::error::Error;
use crate::soniq::Soniq;

/// A table that holds rows which may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum Table {
    /// Queued jobs, those for later too, and running ones, which may be queued again.
    #[serde(rename = "soniq_jobs")]
    Jobs,
    /// Dead letters, which may be replayed.
    #[serde(rename = "soniq_dead_letter_jobs")]
    DeadLetters,
    /// Arguments of schedules that any Soniq understands, paused ones too.
    #[serde(rename = "soniq_recurring_jobs")]
    RecurringJobs,
    /// Arguments of the other schedules.
    #[serde(rename = "soniq_schedules")]
    Schedules,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 4] = [
        Table::Jobs,
        Table::DeadLetters,
        Table::RecurringJobs,
        Table::Schedules,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Table::Jobs => "soniq_jobs",
            Table::DeadLetters => "soniq_dead_letter_jobs",
            Table::RecurringJobs => "soniq_recurring_jobs",
            Table::Schedules => "soniq_schedules",
        }
    }
}

/// One row, as far as whether it runs depends on it.
#[derive(Debug)]
pub(crate) struct StoredRow {
    pub(crate) table: Table,
    pub(crate) id: Uuid,
    pub(crate) task: String,
    /// The reason, where no worker could read the row.
    pub(crate) args: Result<Value, String>,
}

/// When and where something was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) database: String,
    pub(crate) taken_at: DateTime<Utc>,
}

/// The door to the rows; see [`Soniq::rows`].
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) soniq: &'a Soniq,
}

impl Rows<'_> {
    /// Counts them, by task and table.
    ///
    /// # Errors
    /// What the database says.
    pub async fn census(&self) -> Result<Census, Error> {
        self.soniq.backend().census().await
    }

    /// Reads every row of the tasks that `judge` knows, and reports what it says of them. Rows of
    /// other tasks are counted. With `only`, this wire name alone is looked at.
    ///
    /// `progress` is called now and then; [`ProgressLine`] shows it on a terminal.
    ///
    /// # Errors
    /// What the database says.
    pub async fn check(
        &self,
        judge: &dyn Judge,
        only: Option<&str>,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<RowReport, Error> {
        check::check(&**self.soniq.backend(), judge, only, progress).await
    }
}
