//! `soniq schedules list`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use soniq_runtime::RecurringJob;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{Table, note, optional_moment, print, print_json};

/// List the stored schedules
#[derive(Debug, Args)]
pub(crate) struct Schedules {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(List),
}

/// List schedules, by task
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq schedules list
  soniq schedules list --json | jq -r '.[] | [.job_name, .next_run] | @tsv'")]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Schedules {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let Verb::List(list) = self.verb;
        let schedules = connection.open().await?.schedules().await?;
        if list.json {
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
        "TASK", "FIRES", "CATCH UP", "QUEUE", "STATUS", "RUNS", "LAST RUN", "NEXT RUN",
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
