//! `soniq setup` and `soniq migrate-status`.

use chrono::Utc;
use clap::Args;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{Table, optional_moment, print, print_json, report};

/// Create the database's tables, or bring them up to date
///
/// Applies what is missing, in one transaction; a database that is up to date is left as it is.
/// Any number may run at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq setup
  soniq setup --database-url 'postgres://app@db.example.com/app?sslmode=verify-full'
  soniq setup --database-url sqlite:///var/lib/app/soniq.db")]
pub(crate) struct Setup {}

impl Setup {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open_unchecked()?;
        let applied = soniq.setup().await?;
        if applied.is_empty() {
            print("the database is up to date\n")?;
        }
        let lines: Vec<String> = applied
            .iter()
            .map(|version| format!("applied {version}\n"))
            .collect();
        print(&lines.concat())?;
        report::findings(&soniq.shared_queues().await?);
        Ok(())
    }
}

/// Show which steps of the schema the database has
///
/// The exit status is 0 only when this release can work with the database's schema: a deployment can
/// go by it.
#[derive(Debug, Args)]
#[command(after_help = "\
States:
  applied  the database has it
  missing  `soniq setup` would apply it
  foreign  another Soniq applied it; this one does without
  newer    the database is ahead of this release

Examples:
  soniq migrate-status
  soniq migrate-status --json | jq -r '.[] | select(.state == \"missing\").version'")]
pub(crate) struct MigrateStatus {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl MigrateStatus {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open_unchecked()?;
        let migrations = soniq.migrations().await?;
        if self.json {
            print_json(&migrations)?;
        } else {
            let now = Utc::now();
            let mut table = Table::new(["VERSION", "NAME", "STATE", "APPLIED"]);
            for migration in migrations {
                table.row([
                    migration.version,
                    migration.name,
                    migration.state.as_str().to_owned(),
                    optional_moment(migration.applied_at, now),
                ]);
            }
            print(&table.render())?;
        }
        Ok(soniq.check_schema().await?)
    }
}
