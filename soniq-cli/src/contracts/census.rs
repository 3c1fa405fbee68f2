//! `soniq contracts census`.

use std::io::IsTerminal as _;

use chrono::Utc;
use clap::Args;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{Table, note, optional_moment, print, print_json};

/// Count the rows that may still run, by task and table
///
/// Queued and running jobs, dead letters and schedules; what is done or cancelled never runs again.
/// A version of a task that is not listed has no rows: nothing needs to read it any more. Prints a
/// table on a terminal, and JSON into a file or a pipe.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq contracts census
  soniq contracts census > census.json && soniq-codegen check contracts --census census.json")]
pub(super) struct Census {
    /// Print JSON on a terminal, too
    #[arg(long)]
    json: bool,
}

impl Census {
    pub(super) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let census = connection.open().await?.rows().census().await?;
        if self.json || !std::io::stdout().is_terminal() {
            return print_json(&census);
        }
        if census.tasks.is_empty() {
            note("no rows");
            return Ok(());
        }
        let now = Utc::now();
        let mut table = Table::new(["TASK", "TABLE", "ROWS", "OLDEST", "NEWEST"]);
        for rows in census.tasks {
            table.row([
                rows.task,
                rows.table.as_str().to_owned(),
                rows.count.to_string(),
                optional_moment(rows.oldest, now),
                optional_moment(rows.newest, now),
            ]);
        }
        print(&table.render())
    }
}
