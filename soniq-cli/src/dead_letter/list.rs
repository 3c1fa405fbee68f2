//! Looking at dead letters.

use chrono::{DateTime, Utc};
use clap::Args;
use soniq_runtime::{DeadLetter, Soniq};
use uuid::Uuid;

use super::Filter;
use crate::error::Error;
use crate::terminal::{Facts, Table, moment, note, one_line, print, print_json};

/// List dead letters, newest first; 100 of them unless --limit says otherwise
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq dead-letter list
  soniq dead-letter list --task billing.send_invoice.v2 --reason timeout
  soniq dead-letter list --json | jq -r '.[].last_error' | sort | uniq -c")]
pub(super) struct List {
    #[command(flatten)]
    filter: Filter,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show one dead letter whole
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq dead-letter show 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11")]
pub(super) struct Show {
    /// The id: that of the job it was
    id: Uuid,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let letters = soniq.dead_letter().list(&self.filter.into()).await?;
        if self.json {
            return print_json(&letters);
        }
        if letters.is_empty() {
            note("no dead letters");
            return Ok(());
        }
        print(&table(&letters, Utc::now()))
    }
}

fn table(letters: &[DeadLetter], now: DateTime<Utc>) -> String {
    let mut table = Table::new([
        "ID",
        "TASK",
        "QUEUE",
        "REASON",
        "ATTEMPTS",
        "REPLAYED",
        "SINCE",
        "LAST ERROR",
    ]);
    for letter in letters {
        let error = letter.last_error.as_deref().unwrap_or_default();
        table.row([
            letter.id.to_string(),
            letter.job_name.clone(),
            letter.queue.clone(),
            letter.reason.clone(),
            attempts(letter),
            letter.resurrection_count.to_string(),
            moment(letter.dead_lettered_at, now),
            one_line(error, 60),
        ]);
    }
    table.render()
}

fn attempts(letter: &DeadLetter) -> String {
    format!("{}/{}", letter.attempts, letter.max_attempts)
}

impl Show {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let letter = soniq.dead_letter().get(self.id).await?;
        let letter = letter.ok_or(Error::NoDeadLetter { id: self.id })?;
        if self.json {
            return print_json(&letter);
        }
        print(&facts(&letter, Utc::now()).render())
    }
}

/// All that is known of a dead letter.
pub(crate) fn facts(letter: &DeadLetter, now: DateTime<Utc>) -> Facts {
    let mut facts = Facts::default();
    facts.fact("id", letter.id.to_string());
    facts.fact("task", &letter.job_name);
    facts.fact("reason", &letter.reason);
    facts.fact("queue", &letter.queue);
    facts.fact("priority", letter.priority.to_string());
    facts.fact("attempts", attempts(letter));
    facts.fact("created", moment(letter.created_at, now));
    facts.fact("dead since", moment(letter.dead_lettered_at, now));
    let replayed = match letter.last_resurrection_at {
        Some(time) => format!("{}, last {}", letter.resurrection_count, moment(time, now)),
        None => letter.resurrection_count.to_string(),
    };
    facts.fact("replayed", replayed);
    facts.optional("last error", letter.last_error.as_deref());
    facts.fact("args", format!("{:#}", letter.args));
    facts
}
