//! The command line: `soniq-codegen generate contracts --out src/generated`.
//!
//! Exit status: 0 done, 1 the contracts or the output are not as they should be, 2 wrong usage, or of
//! `check`, `lock` and `bump`: not run.

mod bump;
mod census;
mod check;
mod date;
mod deliver;
mod docs;
mod explain;
mod fix;
mod fmt;
mod generate;
mod import;
mod lint;
mod lock;
mod replace;
mod schema;
mod show;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Typed Rust from task contracts.
#[derive(Debug, Parser)]
#[command(name = "soniq-codegen", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write Rust for the contracts of a folder
    Generate(generate::Generate),
    /// Say what a code such as E012 means, and how such a problem is mended
    Explain(explain::Explain),
    /// Write a catalogue of all tasks, for people to read
    Docs(docs::Docs),
    /// Print a JSON Schema of contract files, for editors
    Schema,
    /// Say what is worth another look in the contracts of a folder
    Lint(lint::Lint),
    /// Lay contract files out in the one way, comments kept
    Fmt(fmt::Fmt),
    /// Say whether the contracts may be released: what breaks for rows and code that are there
    Check(check::Check),
    /// Write down what is released, for `check` to compare with
    Lock(lock::LockCommand),
    /// Give a task another version, and keep the arguments of the one before
    Bump(bump::Bump),
    /// Make a contract of a JSON Schema or a schema of an OpenAPI document
    Import(import::Import),
}

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Generate(generate) => generate.run(),
        Command::Explain(explain) => explain.run(),
        Command::Docs(docs) => docs.run(),
        Command::Schema => schema::run(),
        Command::Lint(lint) => lint.run(),
        Command::Fmt(fmt) => fmt.run(),
        Command::Check(check) => check.run(),
        Command::Lock(lock) => lock.run(),
        Command::Bump(bump) => bump.run(),
        Command::Import(import) => import.run(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
