//! How many rows there are, by task and table.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Moment, Table};

/// What may still run, counted at one moment. As JSON it is what `soniq-codegen check --census`
/// reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Census {
    /// Of this format: 1.
    pub version: u32,
    /// The database's name.
    pub database: String,
    /// When, by the database's clock.
    pub taken_at: DateTime<Utc>,
    /// By task, then table; what has no rows is not there.
    pub tasks: Vec<TableRows>,
}

/// The rows of one task in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableRows {
    /// The wire name in the rows.
    pub task: String,
    /// Where they lie.
    pub table: Table,
    /// How many.
    pub count: u64,
    /// When the arguments of the oldest were written; `None` where no row says.
    pub oldest: Option<DateTime<Utc>>,
    /// The same of the newest.
    pub newest: Option<DateTime<Utc>>,
}

impl Census {
    pub(crate) fn new(moment: Moment, mut tasks: Vec<TableRows>) -> Self {
        // Here and not by the database, whose order of names depends on its collation.
        tasks.sort_by(|a, b| (&a.task, a.table).cmp(&(&b.task, b.table)));
        Census {
            version: 1,
            database: moment.database,
            taken_at: moment.taken_at,
            tasks,
        }
    }
}
