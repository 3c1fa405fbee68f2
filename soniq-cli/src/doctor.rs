//! `soniq doctor`.

use clap::Args;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{note, print, print_json, printable};

/// Look for what slows the database, endangers jobs or leaves them lying
///
/// Each finding comes with what mends it. Nothing is changed. The exit status is 1 if something wants
/// mending; advice alone is 0.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq doctor
  soniq doctor --json | jq -r '.findings[] | select(.severity == \"problem\") | .remedy'")]
pub(crate) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let diagnosis = connection.open_unchecked()?.doctor().await?;
        if self.json {
            print_json(&diagnosis)?;
        } else if diagnosis.findings.is_empty() {
            note("nothing found");
        } else {
            let text = diagnosis.to_string();
            let lines: Vec<String> = text
                .lines()
                .map(|line| format!("{}\n", printable(line)))
                .collect();
            print(&lines.concat())?;
        }
        match diagnosis.problems() {
            0 => Ok(()),
            problems => Err(Error::Problems { problems }),
        }
    }
}
