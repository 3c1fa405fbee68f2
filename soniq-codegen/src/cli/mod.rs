//! The command line: `soniq-codegen generate contracts --out src/generated`.
//!
//! Exit status: 0 done, 1 the contracts or the output are not as they should be, 2 wrong usage.

mod deliver;
mod docs;
mod explain;
mod fix;
mod fmt;
mod generate;
mod import;
mod lint;
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
