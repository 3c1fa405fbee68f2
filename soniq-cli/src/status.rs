//! `soniq status`.

use clap::Args;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{print, print_json, printable, report};

/// Show queues, workers, dead letters, and jobs that nobody handles
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq status
  soniq status --json | jq '.queues[] | {queue, due, oldest_due_seconds}'")]
pub(crate) struct Status {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        let stats = soniq.stats().await?;
        report::findings(&soniq.shared_queues().await?);
        if self.json {
            print_json(&stats)
        } else {
            let text = stats.to_string();
            let lines: Vec<String> = text
                .lines()
                .map(|line| format!("{}\n", printable(line)))
                .collect();
            print(&lines.concat())
        }
    }
}
