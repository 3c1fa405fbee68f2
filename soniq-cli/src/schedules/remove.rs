//! Removing: some by name, or all orphans.

use clap::{ArgGroup, Args};
use soniq_runtime::{RecurringJob, Soniq};

use crate::error::{Error, plural};
use crate::terminal::{confirm, note, print};

/// Remove schedules
///
/// It asks first. A schedule that a contract still has is stored again when the next scheduler
/// with that contract starts: pause it instead.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["tasks", "orphaned"]).required(true))]
#[command(after_help = "\
Examples:
  soniq schedules remove billing.close_month.v1
  soniq schedules remove --orphaned --dry-run
  soniq schedules remove --orphaned --yes")]
pub(super) struct Remove {
    /// Schedules by task
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    /// All that contracts once had and none has any more
    #[arg(long)]
    orphaned: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Remove {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let mut errors = Vec::new();
        let chosen = if self.orphaned {
            let mut all = soniq.schedules().list().await?;
            all.retain(|schedule| schedule.orphaned_at.is_some());
            all
        } else {
            let mut chosen = Vec::new();
            for task in &self.tasks {
                match soniq.schedules().get(task).await {
                    Ok(schedule) => chosen.push(schedule),
                    Err(error @ soniq_runtime::Error::NoSchedule { .. }) => {
                        errors.push(error.into());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            chosen
        };
        if self.dry_run {
            let lines: Vec<String> = chosen
                .iter()
                .map(|schedule| format!("would remove {}\n", schedule.job_name))
                .collect();
            print(&lines.concat())?;
            let count = schedules(chosen.len());
            note(&format!("would remove {count}; nothing was changed"));
            return Error::all(errors);
        }
        if chosen.is_empty() {
            if self.orphaned {
                note("no orphaned schedules");
            }
            return Error::all(errors);
        }
        confirm(&format!("remove {}", schedules(chosen.len())), self.yes)?;
        let mut removed = 0;
        for schedule in &chosen {
            let task = &schedule.job_name;
            if soniq.schedules().remove(task).await? {
                removed += 1;
                print(&format!("removed {task}\n"))?;
                warn(schedule);
            }
        }
        note(&format!("{} removed", schedules(removed)));
        Error::all(errors)
    }
}

/// It will come back.
fn warn(schedule: &RecurringJob) {
    if schedule.orphaned_at.is_none() && !schedule.owners.is_empty() {
        note(&format!(
            "{} is still in contracts of {}: a scheduler of theirs stores it again at its start",
            schedule.job_name,
            schedule.owners.join(", ")
        ));
    }
}

fn schedules(count: usize) -> String {
    plural(count, "schedule", "schedules")
}
