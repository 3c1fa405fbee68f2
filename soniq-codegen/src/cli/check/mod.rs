//! `soniq-codegen check`: may the contracts be released as they are?

mod against;
mod git;
mod waivers;

use std::io::stdout;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use soniq_schema::compat::{Direction, Options};
use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::codes;
use soniq_schema::source::Sources;

use super::census::Census;
use super::date::{date, today};
use super::show::{print, show_people, style};
use crate::problem::of_run;
use crate::report::compat::{Format, Report, write};
use against::{Against, Refused};

pub(super) use against::lock_path;
pub(super) use waivers::judge;

/// The exit status of a check that could not be made.
pub(super) const NOT_RUN: u8 = 2;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 compatible, 1 not compatible, 2 not compared.")]
pub(super) struct Check {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// What to compare with instead of the folder's `contracts.lock`: a folder, a lock file, or a git
    /// ref if there is no file of that name (`refs/heads/NAME` is always a branch)
    #[arg(long, value_name = "REF|DIR|LOCK")]
    against: Option<String>,
    /// Rows as `soniq contracts census` counted them; versions without any are not compared
    #[arg(long, value_name = "FILE")]
    census: Option<PathBuf>,
    /// Only what goes wrong in these ways
    #[arg(long, value_enum, value_delimiter = ',', value_name = "DIRECTIONS")]
    only: Vec<Way>,
    /// How findings are reported
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Print a waiver for each finding that fails, to be completed and pasted
    #[arg(long)]
    write_waiver: bool,
    /// The day that waivers are judged by, today if it is left out
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    today: Option<Date>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    /// Rows that are there, read by new workers
    Backward,
    /// New rows, read by workers that are there
    Forward,
    /// Code that has to compile
    Source,
    /// How rows that are there are run
    Operational,
}

/// Every way in which something may go wrong.
pub(super) const ALL: [Direction; 4] = [
    Direction::Backward,
    Direction::Forward,
    Direction::Source,
    Direction::Operational,
];

impl From<Way> for Direction {
    fn from(way: Way) -> Self {
        match way {
            Way::Backward => Direction::Backward,
            Way::Forward => Direction::Forward,
            Way::Source => Direction::Source,
            Way::Operational => Direction::Operational,
        }
    }
}

impl Check {
    pub(super) fn run(&self) -> ExitCode {
        match self.compared() {
            Ok(false) => ExitCode::SUCCESS,
            Ok(true) => ExitCode::FAILURE,
            Err(refused) => {
                self.show_refused(&refused);
                ExitCode::from(NOT_RUN)
            }
        }
    }

    /// Whether the contracts are not compatible.
    fn compared(&self) -> Result<bool, Refused> {
        let loaded = soniq_schema::load(&self.contracts);
        if !loaded.is_ok() {
            return Err(Refused {
                diagnostics: loaded.diagnostics,
                sources: loaded.contracts.sources,
            });
        }
        let contracts = loaded.contracts;
        let against = Against::find(&self.contracts, self.against.as_deref())?;
        let options = Options {
            census: self.census(&contracts, &against)?,
        };
        let findings = against.compare(&contracts, &options);
        let mut findings =
            findings.map_err(|message| of_run(codes::NOTHING_TO_COMPARE, message))?;
        let only: Vec<Direction> = self.only.iter().copied().map(Direction::from).collect();
        let directions = if only.is_empty() { &ALL[..] } else { &only };
        findings.retain(|finding| directions.contains(&finding.direction()));

        let today = self.today.unwrap_or_else(today);
        let (judged, problems) = judge(&findings, &contracts, today, directions);
        let name = self.against_name();
        let versions = against.versions();
        let report = Report {
            against: &name,
            old: against.sources(),
            new: &contracts.sources,
            versions: versions
                .into_iter()
                .map(|(task, number, _)| (task, number))
                .collect(),
            findings: judged,
            problems: &problems,
        };
        print(format_args!(
            "{}",
            write(self.format, &report, style(&stdout()))
        ));
        if self.write_waiver {
            let proposed = waivers::proposed(&report.findings, &contracts, today);
            match self.format {
                Format::Human => print(format_args!("\n{proposed}")),
                // The document stands alone on stdout.
                _ => eprint!("{proposed}"),
            }
        }
        Ok(report.fails())
    }

    fn census(
        &self,
        contracts: &Contracts,
        against: &Against,
    ) -> Result<Option<soniq_schema::compat::Census>, Refused> {
        let Some(path) = &self.census else {
            return Ok(None);
        };
        let versions = against.versions();
        let names = versions.iter().map(|(_, _, name)| *name);
        let census = Census::read(path).and_then(|census| census.of_these(contracts, names));
        let census = census.map_err(|message| Refused::from(of_run(codes::BAD_CENSUS, message)))?;
        eprintln!("{}", census.title());
        Ok(Some(census.rows))
    }

    fn against_name(&self) -> String {
        match &self.against {
            Some(name) => name.clone(),
            None => lock_path(&self.contracts)
                .display()
                .to_string()
                .replace('\\', "/"),
        }
    }

    fn show_refused(&self, refused: &Refused) {
        let Refused {
            diagnostics,
            sources,
        } = refused;
        if self.format == Format::Human {
            show_people(diagnostics, sources);
            return;
        }
        let report = Report {
            against: &self.against_name(),
            old: &Sources::default(),
            new: sources,
            versions: Vec::new(),
            findings: Vec::new(),
            problems: diagnostics,
        };
        print(format_args!(
            "{}",
            write(self.format, &report, style(&stdout()))
        ));
    }
}
