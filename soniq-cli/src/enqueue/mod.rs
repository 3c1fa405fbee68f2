//! `soniq enqueue`.

mod input;
mod job;
mod normal_form;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use regex::Regex;
use soniq_runtime::{Due, Enqueuer as _, NewJob, Settings};

use crate::connection::Connection;
use crate::contracts;
use crate::error::Error;
use crate::terminal::{note, print};

/// Enqueue one job
///
/// Prints the job's id: of the new job, or of the queued one that has the same key already. With
/// --contracts the arguments are checked before anything is written, and the job gets what the
/// task's contract says, as from a generated producer; flags go before the contract.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq enqueue emails.send_digest.v1 '{\"edition\": \"morning\"}' --contracts contracts/
  soniq enqueue emails.send_digest.v1 @args.json --contracts contracts/ --delay 1h30m
  jq .order order.json | soniq enqueue shop.ship.v1 - --run-at 2026-12-01T08:00:00+01:00")]
pub(crate) struct Enqueue {
    /// Wire name of the task
    task: String,
    /// The arguments, a JSON object; `@FILE` reads a file, `-` standard input
    #[arg(value_name = "JSON")]
    args: String,
    /// Check against the contracts in this folder, and go by them
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// How the job is run, where it is not as the contract says.
#[derive(Debug, Default, Args)]
struct Options {
    /// The queue [default: the contract's, or `default`]
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    queue: Option<String>,
    /// 1 to 1000, lower runs first [default: the contract's, or `SONIQ_PRIORITY`]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    priority: Option<u16>,
    /// Due so long from now: 250ms, 30s, 10m, 1h30m, 7d
    #[arg(long, value_name = "DURATION", value_parser = soniq_schema::parse_duration)]
    delay: Option<Duration>,
    /// Due at this time (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "delay")]
    run_at: Option<DateTime<Utc>>,
    /// Attempts in all [default: the contract's, or `SONIQ_MAX_RETRIES` + 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    max_attempts: Option<i32>,
    /// At most one queued job with the same arguments
    #[arg(long)]
    unique: bool,
    /// At most one queued job with this key
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    dedup_key: Option<String>,
}

impl Enqueue {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open_unchecked()?;
        check_name(&self.task, soniq.settings())?;
        let args = input::read(&self.args)?;
        let job = match &self.contracts {
            Some(dir) => {
                let contracts = contracts::load(dir)?;
                let task = contracts::find(&contracts, dir, &self.task)?;
                if let Some(reason) = &task.deprecated {
                    note(&format!("note: {} is deprecated: {reason}", task.name));
                }
                job::by_contract(&contracts, task, args)?
            }
            None => NewJob::new(self.task, args)?,
        };
        let job = self.options.apply(job);
        soniq.check_schema().await?;
        let enqueued = soniq.insert(job).await?;
        if enqueued.is_duplicate() {
            note("note: nothing was written, a queued job has the same key");
        }
        print(&format!("{}\n", enqueued.id()))
    }
}

fn check_name(name: &str, settings: &Settings) -> Result<(), Error> {
    let pattern = &settings.task_name_pattern;
    let regex = Regex::new(pattern).map_err(|_| Error::TaskNamePattern {
        pattern: pattern.clone(),
    })?;
    if regex.is_match(name) {
        return Ok(());
    }
    Err(Error::TaskName {
        name: name.to_owned(),
        pattern: pattern.clone(),
    })
}

impl Options {
    /// Flags go before what the contract says.
    fn apply(self, mut job: NewJob) -> NewJob {
        let at = self.run_at.map(Due::At);
        job.due = self.delay.map(Due::After).or(at);
        job.queue = self.queue.or(job.queue);
        job.priority = self.priority.map(i32::from).or(job.priority);
        job.max_attempts = self.max_attempts.or(job.max_attempts);
        job.unique |= self.unique;
        job.dedup_key = self.dedup_key.or(job.dedup_key);
        job
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_follow_the_pattern_of_the_settings() {
        let with = |pattern: Option<&str>| {
            let lookup = |name: &str| match name {
                "SONIQ_TASK_NAME_PATTERN" => pattern.map(str::to_owned),
                _ => None,
            };
            Settings::from_lookup(lookup).unwrap()
        };
        let check = |name, pattern| check_name(name, &with(pattern)).is_ok();
        assert!(check("billing.send_invoice.v2", None));
        for bad in ["", "Billing", "billing..x", "billing.x\n", "billing x", "1"] {
            assert!(!check(bad, None), "{bad:?}");
        }
        assert!(check("Billing", Some("^[A-Z]")));
        assert!(matches!(
            check_name("a", &with(Some("("))),
            Err(Error::TaskNamePattern { .. })
        ));
    }
}
