//! Listing.

use chrono::{DateTime, Utc};
use clap::Args;
use soniq_runtime::{RecurringJob, Soniq};

use crate::error::Error;
use crate::terminal::{Table, moment, note, one_line, optional_moment, print, print_json};

/// Widest reason in a table.
const REASON: usize = 60;

/// List schedules, by task
///
/// An orphan is a schedule that contracts once had and none has any more; it fires until it is
/// paused or removed. One that cannot fire says why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq schedules list
  soniq schedules list --json | jq -r '.[] | [.job_name, .next_run] | @tsv'
  soniq schedules list --json | jq -r '.[] | select(.orphaned_at).job_name'")]
pub(super) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let schedules = soniq.schedules().list().await?;
        if self.json {
            return print_json(&schedules);
        }
        if schedules.is_empty() {
            note("no schedules");
            return Ok(());
        }
        print(&table(&schedules, Utc::now()))
    }
}

fn table(schedules: &[RecurringJob], now: DateTime<Utc>) -> String {
    let mut table = Table::new([
        "TASK", "FIRES", "CATCH UP", "QUEUE", "STATUS", "RUNS", "LAST RUN", "NEXT RUN", "NOTE",
    ]);
    for schedule in schedules {
        table.row([
            schedule.job_name.clone(),
            fires(schedule),
            schedule.catch_up.clone(),
            schedule.queue.clone(),
            schedule.status.clone(),
            schedule.run_count.to_string(),
            optional_moment(schedule.last_run, now),
            optional_moment(schedule.next_run, now),
            remark(schedule, now),
        ]);
    }
    table.render()
}

fn fires(schedule: &RecurringJob) -> String {
    let value = &schedule.schedule_value;
    match schedule.schedule_type.as_str() {
        "interval" => format!("every {value} s"),
        _ => format!("{value} ({})", schedule.timezone),
    }
}

fn remark(schedule: &RecurringJob, now: DateTime<Utc>) -> String {
    let orphan = schedule.orphaned_at.map(|since| {
        let owners = schedule.owners.join(", ");
        format!("orphan of {owners} since {}", moment(since, now))
    });
    let problem = schedule
        .problem
        .as_ref()
        .map(|reason| format!("cannot fire: {}", one_line(reason, REASON)));
    let remarks: Vec<String> = orphan.into_iter().chain(problem).collect();
    remarks.join("; ")
}
