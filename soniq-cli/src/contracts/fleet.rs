//! `soniq contracts fleet`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::Utc;
use clap::Args;
use serde::Serialize;
use soniq_runtime::{FleetTask, FleetWorker, Serving, Unserved};
use soniq_schema::Contracts;

use super::folder;
use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{Table, note, optional_moment, print, print_json};

/// Show which live workers serve what, by which contracts, and what is queued that none of them takes
///
/// A worker is live that said so within `SONIQ_HEARTBEAT_TIMEOUT`. Skew means that the workers of one
/// task were built from different contracts: a deploy is under way, or one was forgotten.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq contracts fleet
  soniq contracts fleet --contracts contracts/ --json | jq '.tasks[] | select(.skew)'
  soniq contracts fleet --strict || echo 'somebody forgot a worker'")]
pub(super) struct Fleet {
    /// Say which workers serve by the contracts in this folder
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    /// Exit with 1 if something is queued that no live worker takes
    #[arg(long)]
    strict: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is printed: the fleet beside the contracts.
#[derive(Debug, Serialize)]
struct Compared {
    #[serde(flatten)]
    fleet: soniq_runtime::Fleet,
    /// Fingerprints that the contracts have for wire names; not there without contracts.
    #[serde(skip_serializing_if = "Option::is_none")]
    contracts: Option<BTreeMap<String, String>>,
    /// Wire names that a live worker serves by another contract than these.
    #[serde(skip_serializing_if = "Option::is_none")]
    differ: Option<Vec<String>>,
}

impl Fleet {
    pub(super) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let contracts = self.contracts.as_deref().map(folder::load).transpose()?;
        let fleet = connection.open().await?.fleet().await?;
        let compared = Compared::new(fleet, contracts.as_ref().map(fingerprints));
        if self.json {
            print_json(&compared)?;
        } else {
            print(&compared.render())?;
        }
        let unserved = &compared.fleet.unserved;
        if self.strict && !unserved.is_empty() {
            let jobs = unserved.iter().map(|rows| rows.count).sum();
            return Err(Error::Unserved { jobs });
        }
        Ok(())
    }
}

/// What a worker built from these contracts registers: rows of aliases and of retired versions end as
/// the present one.
fn fingerprints(contracts: &Contracts) -> BTreeMap<String, String> {
    let mut fingerprints = BTreeMap::new();
    for (_, task) in contracts.tasks() {
        let fingerprint = soniq_schema::fingerprint(contracts.schemas.get(task.args));
        let retired = task.retired.iter().map(|retired| &retired.name);
        for name in task.aliases.iter().chain(retired).chain([&task.name]) {
            fingerprints.insert(name.clone(), fingerprint.clone());
        }
    }
    fingerprints
}

impl Compared {
    fn new(fleet: soniq_runtime::Fleet, contracts: Option<BTreeMap<String, String>>) -> Self {
        let differ = contracts.as_ref().map(|contracts| {
            let differs = |task: &&FleetTask| {
                let theirs = contracts.get(&task.task);
                let mut own = task.serving.iter().flat_map(|serving| &serving.fingerprint);
                theirs.is_some_and(|theirs| own.any(|own| own != theirs))
            };
            let tasks = fleet.tasks.iter().filter(differs);
            tasks.map(|task| task.task.clone()).collect()
        });
        Compared {
            fleet,
            contracts,
            differ,
        }
    }

    fn render(&self) -> String {
        let parts = [
            workers(&self.fleet.workers),
            self.tasks(),
            unserved(&self.fleet.unserved),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn tasks(&self) -> Option<String> {
        let mut table = Table::new(["TASK", "CONTRACT", "WORKERS", "NOTE"]);
        for task in &self.fleet.tasks {
            for serving in &task.serving {
                table.row([
                    task.task.clone(),
                    short(serving),
                    serving.workers.len().to_string(),
                    self.remark(task, serving),
                ]);
            }
        }
        (!self.fleet.tasks.is_empty()).then(|| table.render())
    }

    fn remark(&self, task: &FleetTask, serving: &Serving) -> String {
        let mut remarks = Vec::new();
        if task.skew {
            remarks.push("skew");
        }
        let theirs = self.contracts.as_ref();
        if let (Some(theirs), Some(own)) = (theirs, &serving.fingerprint) {
            remarks.push(match theirs.get(&task.task) {
                None => "not in the contracts",
                Some(theirs) if theirs == own => "as in the contracts",
                Some(_) => "differs from the contracts",
            });
        }
        remarks.join(", ")
    }
}

fn workers(workers: &[FleetWorker]) -> Option<String> {
    if workers.is_empty() {
        note("no live workers");
        return None;
    }
    let now = Utc::now();
    let mut table = Table::new(["WORKER", "HOST", "PID", "SONIQ", "QUEUES", "LAST SEEN"]);
    for worker in workers {
        let release = worker.release.as_deref().unwrap_or("-");
        table.row([
            worker.id.to_string(),
            worker.hostname.clone(),
            worker.pid.to_string(),
            match worker.runtime.as_str() {
                "soniq-rust" => release.to_owned(),
                other => format!("{release} ({other})"),
            },
            match worker.queues.as_slice() {
                [] => "all".to_owned(),
                queues => queues.join(","),
            },
            match optional_moment(worker.last_seen, now) {
                seen if worker.draining => format!("{seen}, draining"),
                seen => seen,
            },
        ]);
    }
    Some(table.render())
}

fn unserved(unserved: &[Unserved]) -> Option<String> {
    let now = Utc::now();
    let mut table = Table::new(["QUEUED, AND SERVED BY NOBODY", "QUEUE", "JOBS", "OLDEST"]);
    for rows in unserved {
        table.row([
            rows.task.clone(),
            rows.queue.clone(),
            rows.count.to_string(),
            optional_moment(rows.oldest, now),
        ]);
    }
    (!unserved.is_empty()).then(|| table.render())
}

/// Enough of a fingerprint to tell two apart.
fn short(serving: &Serving) -> String {
    serving.fingerprint.as_ref().map_or_else(
        || "-".to_owned(),
        |fingerprint| fingerprint.chars().take(12).collect(),
    )
}
