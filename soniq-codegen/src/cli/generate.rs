//! `soniq-codegen generate`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use soniq_schema::diagnostic::Severity;

use super::deliver::deliver;
use super::show::ReportArgs;
use crate::render::{Options, Side, render};

/// Arguments of `generate`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Generate {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// The folder that the Rust files go into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing; fail if the files are not what the contracts give
    #[arg(long)]
    check: bool,
    /// Only the tasks of these namespaces, and the types that they refer to
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    namespaces: Option<Vec<String>>,
    /// No handlers
    #[arg(long, conflicts_with = "consumer_only")]
    producer_only: bool,
    /// Nothing that enqueues
    #[arg(long)]
    consumer_only: bool,
    /// With strategies of proptest; they need soniq-runtime's feature `proptest`
    #[arg(long)]
    arbitrary: bool,
    #[command(flatten)]
    report: ReportArgs,
}

impl Generate {
    pub(super) fn run(&self) -> ExitCode {
        let loaded = soniq_schema::load(&self.contracts);
        let mut diagnostics = loaded.diagnostics;
        let mut files = Vec::new();
        if diagnostics.iter().all(|d| d.severity() != Severity::Error) {
            match render(&loaded.contracts, &self.options()) {
                Ok(rendered) => files = rendered,
                Err(more) => diagnostics.extend(more),
            }
        }
        let errors = self.report.show(&diagnostics, &loaded.contracts.sources);
        if errors > 0 {
            let problems = if errors == 1 { "problem" } else { "problems" };
            eprintln!("{errors} {problems}; nothing was written");
            return ExitCode::FAILURE;
        }
        let command = self.check.then(|| self.command());
        deliver(&self.report, &self.out, &files, command.as_deref())
    }

    fn options(&self) -> Options {
        Options {
            namespaces: self.namespaces.clone(),
            side: match (self.producer_only, self.consumer_only) {
                (true, _) => Side::Producer,
                (_, true) => Side::Consumer,
                _ => Side::Both,
            },
            arbitrary: self.arbitrary,
            ..Options::default()
        }
    }

    /// This command without `--check`.
    fn command(&self) -> String {
        let mut command = format!(
            "soniq-codegen generate {} --out {}",
            self.contracts.display(),
            self.out.display()
        );
        if let Some(names) = &self.namespaces {
            command.push_str(" --namespaces ");
            command.push_str(&names.join(","));
        }
        if self.producer_only {
            command.push_str(" --producer-only");
        }
        if self.consumer_only {
            command.push_str(" --consumer-only");
        }
        if self.arbitrary {
            command.push_str(" --arbitrary");
        }
        command
    }
}
