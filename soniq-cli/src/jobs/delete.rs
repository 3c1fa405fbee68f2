//! Deleting jobs that do not run: some ids, or all that a filter finds.

use clap::{ArgGroup, Args};
use soniq_runtime::{JobFilter, Soniq, Status};
use uuid::Uuid;

use super::missing;
use crate::error::{Error, plural};
use crate::terminal::{confirm, note, print};

/// The states that a job can be deleted in.
const DELETABLE: [Status; 3] = [Status::Queued, Status::Done, Status::Cancelled];

/// Delete jobs for good, with their results: queued, done or cancelled ones
///
/// A queued job will never run then. One that runs is its worker's, and stays. With a filter or --all
/// instead of ids it asks first. Workers delete what is done or cancelled by themselves, once its time
/// is up.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which")
    .args(["ids", "task", "queue", "status", "all"])
    .required(true)
    .multiple(true))]
#[command(after_help = "\
Examples:
  soniq jobs delete 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq jobs delete --task billing.send_invoice.v2 --status queued --dry-run
  soniq jobs delete --status done --yes")]
pub(super) struct Delete {
    /// Jobs by id
    #[arg(value_name = "ID", conflicts_with_all = ["task", "queue", "status", "all"])]
    ids: Vec<Uuid>,
    /// Only jobs of this task
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only jobs in this queue
    #[arg(long)]
    queue: Option<String>,
    /// Only jobs in this state: queued, done or cancelled
    #[arg(long, value_parser = deletable)]
    status: Option<Status>,
    /// All jobs that do not run
    #[arg(long, conflicts_with_all = ["task", "queue", "status"])]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn deletable(text: &str) -> Result<Status, String> {
    let status = text.parse()?;
    if DELETABLE.contains(&status) {
        Ok(status)
    } else {
        Err("a job that runs is not deleted: queued, done or cancelled".to_owned())
    }
}

impl Delete {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let bulk = self.ids.is_empty();
        let ids = if bulk {
            self.find(soniq).await?
        } else {
            self.ids
        };
        if self.dry_run {
            return preview(soniq, &ids).await;
        }
        if ids.is_empty() {
            note("no jobs");
            return Ok(());
        }
        if bulk {
            confirm(&format!("delete {}", jobs(ids.len())), self.yes)?;
        }
        let mut errors = Vec::new();
        let mut done = 0;
        for id in ids {
            if soniq.jobs().delete(id).await? {
                done += 1;
                print(&format!("deleted {id}\n"))?;
                continue;
            }
            match soniq.jobs().get(id).await? {
                Some(_) => errors.push(Error::Running { id }),
                // It was there when the filter found it: it has run since, or others deleted it.
                None if bulk => {}
                None => errors.push(missing(soniq, id).await?),
            }
        }
        note(&format!("{} deleted", jobs(done)));
        Error::all(errors)
    }

    /// What the filter finds and does not run.
    async fn find(&self, soniq: &Soniq) -> Result<Vec<Uuid>, Error> {
        let mut filter = JobFilter::default();
        filter.job_name.clone_from(&self.task);
        filter.queue.clone_from(&self.queue);
        let states = match &self.status {
            Some(status) => std::slice::from_ref(status),
            None => &DELETABLE,
        };
        let mut ids = Vec::new();
        for status in states {
            filter.status = Some(*status);
            ids.extend(soniq.jobs().ids(&filter).await?);
        }
        Ok(ids)
    }
}

async fn preview(soniq: &Soniq, ids: &[Uuid]) -> Result<(), Error> {
    let mut errors = Vec::new();
    let mut lines = Vec::new();
    for id in ids {
        match soniq.jobs().get(*id).await? {
            Some(job) if job.status == Status::Processing => {
                errors.push(Error::Running { id: *id });
            }
            Some(job) => lines.push(format!(
                "would delete {id} {} ({})\n",
                job.job_name, job.status
            )),
            None => errors.push(missing(soniq, *id).await?),
        }
    }
    print(&lines.concat())?;
    let found = jobs(lines.len());
    note(&format!("would delete {found}; nothing was changed"));
    Error::all(errors)
}

fn jobs(count: usize) -> String {
    plural(count, "job", "jobs")
}
