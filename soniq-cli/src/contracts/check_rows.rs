//! `soniq contracts check-rows`.

use std::path::PathBuf;

use clap::Args;
use soniq_runtime::rows::{Judge as _, ProgressLine};

use super::folder;
use super::judge::ContractJudge;
use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{print, print_json};

/// Check every row that may still run against contracts, before a deploy
///
/// Reads queued and running jobs, dead letters and schedules, in a read-only transaction that no
/// writer waits for; a replica will do. The contracts are those that the new build is generated
/// from. Rows of retired versions are checked against their own schema: whether their upgrade works
/// only the service can tell, by `check-rows` of its own binary. Rows of names that no contract has
/// may be another team's; they are counted.
///
/// The exit status is 0 when all would run, 1 when some would fail, 2 when they could not be checked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq contracts check-rows --contracts contracts/
  soniq contracts check-rows --contracts contracts/ --task billing.send_invoice.v1
  soniq contracts check-rows --contracts contracts/ --json | jq '.tasks[] | select(.would_fail > 0)'")]
pub(super) struct CheckRows {
    /// The contracts that the rows are to be read by
    #[arg(long, value_name = "DIR")]
    contracts: PathBuf,
    /// Only rows of this wire name; a retired version or an old name, too
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Rows of names that no contract has fail, too
    #[arg(long)]
    strict: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl CheckRows {
    pub(super) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let contracts = folder::load(&self.contracts)?;
        let judge = ContractJudge::new(&contracts);
        if let Some(name) = &self.task
            && !judge.names().contains_key(name)
        {
            return Err(folder::unknown(&contracts, &self.contracts, name));
        }
        let soniq = connection.open().await?;
        let mut line = ProgressLine::on_stderr();
        let only = self.task.as_deref();
        let report = soniq
            .rows()
            .check(&judge, only, |progress| line.show(progress))
            .await?;
        drop(line);
        if self.json {
            print_json(&report)?;
        } else {
            print(&report.to_string())?;
        }
        report
            .failure(self.strict)
            .map_or(Ok(()), |failure| Err(Error::Rows(failure)))
    }
}
