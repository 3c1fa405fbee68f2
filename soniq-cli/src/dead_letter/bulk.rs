//! Replaying and deleting: some ids, or all that a filter finds.

use clap::{ArgGroup, Args};
use soniq_runtime::{DeadLetterFilter, Soniq};
use uuid::Uuid;

use super::Filter;
use crate::error::{Error, plural};
use crate::terminal::{confirm, note, print};

/// Enqueue new jobs from dead letters, with their full budget of attempts
///
/// Each dead letter stays, and counts its replays. With a filter or --all instead of ids it asks
/// first; the filter finds dead letters that were replayed before, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq dead-letter replay 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq dead-letter replay --task billing.send_invoice.v2 --reason timeout --dry-run
  soniq dead-letter replay --queue billing --yes")]
pub(super) struct Replay {
    #[command(flatten)]
    selection: Selection,
}

/// Delete dead letters for good
///
/// With a filter or --all instead of ids it asks first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq dead-letter delete 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq dead-letter delete --reason invalid_arguments --dry-run
  soniq dead-letter delete --all --yes")]
pub(super) struct Delete {
    #[command(flatten)]
    selection: Selection,
}

/// Delete dead letters that are older than a given age
///
/// They are gone for good: `dead-letter export` keeps them. It asks first. Workers do the same by
/// themselves where `SONIQ_DEAD_LETTER_RETENTION` is set.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("age").args(["older_than"]).required(true))]
#[command(after_help = "\
Examples:
  soniq dead-letter cleanup --older-than 30d --dry-run
  soniq dead-letter cleanup --older-than 12h --reason timeout --yes")]
pub(super) struct Cleanup {
    #[command(flatten)]
    filter: Filter,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is acted on. One of ids, filter and `--all` must be given, so that no command acts on
/// everything because an argument was forgotten.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which")
    .args(["ids", "task", "queue", "reason", "older_than", "all"])
    .required(true)
    .multiple(true))]
struct Selection {
    /// Dead letters by id
    #[arg(value_name = "ID", conflicts_with_all = ["task", "queue", "reason", "older_than", "limit", "all"])]
    ids: Vec<Uuid>,
    #[command(flatten)]
    filter: Filter,
    /// All dead letters
    #[arg(long, conflicts_with_all = ["task", "queue", "reason", "older_than"])]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Replay {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let Some(ids) = self.selection.resolve(soniq, "replay").await? else {
            return Ok(());
        };
        let mut errors = Vec::new();
        let mut done = 0;
        for id in ids {
            match soniq.dead_letter().replay(id).await? {
                Some(job) => {
                    done += 1;
                    print(&format!("replayed {id} as {job}\n"))?;
                }
                None => errors.push(Error::NoDeadLetter { id }),
            }
        }
        note(&format!("{} replayed", letters(done)));
        Error::all(errors)
    }
}

impl Delete {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let Some(ids) = self.selection.resolve(soniq, "delete").await? else {
            return Ok(());
        };
        let mut errors = Vec::new();
        let mut done = 0;
        for id in ids {
            if soniq.dead_letter().purge(id).await? {
                done += 1;
                print(&format!("deleted {id}\n"))?;
            } else {
                errors.push(Error::NoDeadLetter { id });
            }
        }
        note(&format!("{} deleted", letters(done)));
        Error::all(errors)
    }
}

impl Cleanup {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let selection = Selection {
            ids: Vec::new(),
            filter: self.filter,
            all: false,
            yes: self.yes,
            dry_run: self.dry_run,
        };
        Delete { selection }.run(soniq).await
    }
}

impl Selection {
    /// The ids to act on, confirmed; `None` when there is nothing to do, and that has been said.
    async fn resolve(self, soniq: &Soniq, verb: &str) -> Result<Option<Vec<Uuid>>, Error> {
        let bulk = self.ids.is_empty();
        let ids = if bulk {
            let filter = DeadLetterFilter::from(self.filter);
            soniq.dead_letter().ids(&filter).await?
        } else {
            self.ids
        };
        if self.dry_run {
            return preview(soniq, &ids, verb).await.map(|()| None);
        }
        if ids.is_empty() {
            note("no dead letters");
            return Ok(None);
        }
        if bulk {
            confirm(&format!("{verb} {}", letters(ids.len())), self.yes)?;
        }
        Ok(Some(ids))
    }
}

async fn preview(soniq: &Soniq, ids: &[Uuid], verb: &str) -> Result<(), Error> {
    let mut errors = Vec::new();
    let mut lines = Vec::new();
    for id in ids {
        match soniq.dead_letter().get(*id).await? {
            Some(letter) => {
                lines.push(format!("would {verb} {id} {}\n", letter.job_name));
            }
            None => errors.push(Error::NoDeadLetter { id: *id }),
        }
    }
    print(&lines.concat())?;
    let found = letters(ids.len() - errors.len());
    note(&format!("would {verb} {found}; nothing was changed"));
    Error::all(errors)
}

pub(super) fn letters(count: usize) -> String {
    plural(count, "dead letter", "dead letters")
}
