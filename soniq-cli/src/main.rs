//! The `soniq` command: sets up, inspects and operates a Soniq database.
//!
//! Each group of verbs is a module with its arguments and a `run`. What a verb prints goes to
//! standard output, everything about it (notes, questions, errors, log lines) to standard error.
//! The exit status is 0, 1 when the verb failed, 2 when the command line is wrong; of `contracts`, whose
//! verbs are gates, 1 when one found what must not be and 2 when it could not look.

mod connection;
mod contracts;
mod dead_letter;
mod doctor;
mod enqueue;
mod error;
mod inspect;
mod jobs;
mod new;
mod queues;
mod scheduler;
mod schedules;
mod setup;
mod status;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::report;

/// Sets up, inspects and operates a Soniq job queue on Postgres, or in a SQLite file.
#[derive(Debug, Parser)]
#[command(
    name = "soniq",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  soniq new greeter
  soniq setup --database-url postgres://app@localhost/app
  soniq status
  soniq enqueue billing.send_invoice.v2 @args.json --contracts contracts/
  soniq dead-letter replay --task billing.send_invoice.v2 --dry-run"
)]
struct Cli {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::New),
    Setup(setup::Setup),
    MigrateStatus(setup::MigrateStatus),
    Status(status::Status),
    Enqueue(enqueue::Enqueue),
    DeadLetter(dead_letter::DeadLetter),
    Inspect(inspect::Inspect),
    Jobs(jobs::Jobs),
    Queues(queues::Queues),
    Schedules(schedules::Schedules),
    Scheduler(scheduler::Scheduler),
    Doctor(doctor::Doctor),
    Contracts(contracts::Contracts),
}

// One connection and little to compute: a thread of its own for that would only cost its start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(stop) => return report::usage(&stop),
    };
    if cli.connection.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::failure(&error),
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    let connection = cli.connection;
    match cli.verb {
        Verb::New(verb) => verb.run(),
        Verb::Setup(verb) => verb.run(&connection).await,
        Verb::MigrateStatus(verb) => verb.run(&connection).await,
        Verb::Status(verb) => verb.run(&connection).await,
        Verb::Enqueue(verb) => verb.run(&connection).await,
        Verb::DeadLetter(verb) => verb.run(&connection).await,
        Verb::Inspect(verb) => verb.run(&connection).await,
        Verb::Jobs(verb) => verb.run(&connection).await,
        Verb::Queues(verb) => verb.run(&connection).await,
        Verb::Schedules(verb) => verb.run(&connection).await,
        Verb::Scheduler(verb) => verb.run(&connection).await,
        Verb::Doctor(verb) => verb.run(&connection).await,
        Verb::Contracts(verb) => verb.run(&connection).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
