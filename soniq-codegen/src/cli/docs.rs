//! `soniq-codegen docs`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use soniq_schema::diagnostic::Severity;

use super::deliver::deliver;
use super::show::ReportArgs;
use crate::report::docs::{self, catalogue};

/// Arguments of `docs`.
#[derive(Debug, Args)]
pub(super) struct Docs {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// The folder that the catalogue goes into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only this format
    #[arg(long)]
    format: Option<Format>,
    /// Write nothing; fail if the files are not what the contracts give
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// index.html, which needs nothing beside it
    Html,
    /// tasks.md, and a file for each namespace
    Markdown,
}

impl Docs {
    pub(super) fn run(&self) -> ExitCode {
        let loaded = soniq_schema::load(&self.contracts);
        let report = ReportArgs::for_people();
        report.show(&loaded.diagnostics, &loaded.contracts.sources);
        let mut diagnostics = loaded.diagnostics.iter();
        if diagnostics.any(|d| d.severity() == Severity::Error) {
            eprintln!("nothing was written");
            return ExitCode::FAILURE;
        }
        let formats = match self.format {
            None => &[docs::Format::Html, docs::Format::Markdown][..],
            Some(Format::Html) => &[docs::Format::Html],
            Some(Format::Markdown) => &[docs::Format::Markdown],
        };
        let files = catalogue(&loaded.contracts, formats);
        let command = self.check.then(|| self.command());
        deliver(&report, &self.out, &files, command.as_deref())
    }

    /// This command without `--check`.
    fn command(&self) -> String {
        let format = match self.format {
            None => "",
            Some(Format::Html) => " --format html",
            Some(Format::Markdown) => " --format markdown",
        };
        format!(
            "soniq-codegen docs {} --out {}{format}",
            self.contracts.display(),
            self.out.display()
        )
    }
}
