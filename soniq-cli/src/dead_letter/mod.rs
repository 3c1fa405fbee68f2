//! `soniq dead-letter list | show | replay | delete | cleanup | export`.

mod bulk;
mod export;
mod list;

use std::time::Duration;

use clap::{Args, Subcommand};
use soniq_runtime::{DeadLetterFilter, Reason};

pub(crate) use self::list::facts;
use crate::connection::Connection;
use crate::error::Error;

/// List, look at, replay, export or delete dead letters: jobs that will not run again by themselves
#[derive(Debug, Args)]
pub(crate) struct DeadLetter {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Show(list::Show),
    Replay(bulk::Replay),
    Delete(bulk::Delete),
    Cleanup(bulk::Cleanup),
    Export(export::Export),
}

impl DeadLetter {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        match self.verb {
            Verb::List(verb) => verb.run(&soniq).await,
            Verb::Show(verb) => verb.run(&soniq).await,
            Verb::Replay(verb) => verb.run(&soniq).await,
            Verb::Delete(verb) => verb.run(&soniq).await,
            Verb::Cleanup(verb) => verb.run(&soniq).await,
            Verb::Export(verb) => verb.run(&soniq).await,
        }
    }
}

/// Which dead letters a list shows or a bulk action takes.
#[derive(Debug, Args)]
struct Filter {
    /// Only those of this task
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only those from this queue
    #[arg(long)]
    queue: Option<String>,
    /// Only those with this reason
    #[arg(long, value_parser = Reason::ALL.map(Reason::as_str))]
    reason: Option<String>,
    /// Only those that are dead letters for longer than this: 12h, 30d
    #[arg(long, value_name = "AGE", value_parser = soniq_schema::parse_duration)]
    older_than: Option<Duration>,
    /// At most so many, the newest first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

impl From<Filter> for DeadLetterFilter {
    fn from(filter: Filter) -> Self {
        let mut wanted = DeadLetterFilter::default();
        wanted.job_name = filter.task;
        wanted.queue = filter.queue;
        wanted.reason = filter.reason;
        wanted.older_than = filter.older_than;
        wanted.limit = filter.limit;
        wanted
    }
}
