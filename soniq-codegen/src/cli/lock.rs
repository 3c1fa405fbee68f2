//! `soniq-codegen lock`: what the contracts say was released.

use std::fs;
use std::io::stderr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Date;
use soniq_schema::compat::{Direction, Options};
use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::codes;
use soniq_schema::lock::{Change, LoadedLock, Lock, load_lock};

use super::census::Census;
use super::check::{ALL, NOT_RUN, judge, lock_path};
use super::date::{date, today};
use super::replace::{create, replace};
use super::show::{print, show_people, style};
use crate::problem::of_run;
use crate::report::compat::{Format, Report, write};

/// Arguments of `lock`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 1 a released version would break, or with --check: the file is \
    not what the contracts give, 2 not run."
)]
pub(super) struct LockCommand {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// Write nothing; fail if the file is not what the contracts give
    #[arg(long)]
    check: bool,
    /// The day of release of what is new, today if it is left out
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    date: Option<Date>,
    /// Take versions out that the contracts have no more and of which this census has no rows
    #[arg(long, value_name = "CENSUS")]
    prune: Option<PathBuf>,
}

impl LockCommand {
    pub(super) fn run(&self) -> ExitCode {
        let loaded = soniq_schema::load(&self.contracts);
        show_people(&loaded.diagnostics, &loaded.contracts.sources);
        if !loaded.is_ok() {
            return not_run("the contracts have errors");
        }
        let contracts = loaded.contracts;
        let path = lock_path(&self.contracts);
        let old = load_lock(&path).unwrap_or_default();
        if !old.diagnostics.is_empty() {
            show_people(&old.diagnostics, &old.sources);
            return not_run("the lock file cannot be used");
        }
        let census = self
            .prune
            .as_deref()
            .map(|path| census(path, &contracts, &old));
        let census = match census.transpose() {
            Ok(census) => census,
            Err(message) => {
                show_people(&[of_run(codes::BAD_CENSUS, message)], &old.sources);
                return not_run("nothing can be pruned");
            }
        };
        let today = self.date.unwrap_or_else(today);
        match self.breaks(&contracts, &old, census.as_ref(), today) {
            Ok(false) => {}
            Ok(true) => {
                eprintln!(
                    "{} was not written: what was released stays",
                    path.display()
                );
                return ExitCode::FAILURE;
            }
            Err(message) => {
                show_people(&[of_run(codes::LOCK_UNREADABLE, message)], &old.sources);
                return not_run("the lock file cannot be used");
            }
        }
        let mut lock = old.lock.clone();
        let mut changes = lock.update(&contracts, &today.to_string());
        if let Some(census) = census {
            changes.extend(lock.prune(&contracts, &census.rows));
        }
        self.deliver(&path, &lock, &changes)
    }

    /// Whether rows of a released version would break. What else is worth a look is shown: once it is
    /// locked, no check speaks of it again.
    fn breaks(
        &self,
        contracts: &Contracts,
        old: &LoadedLock,
        census: Option<&Census>,
        today: Date,
    ) -> Result<bool, String> {
        let options = Options {
            census: census.map(|census| census.rows.clone()),
        };
        let findings = old.compare(contracts, &options)?;
        let (judged, problems) = judge(&findings, contracts, today, &ALL);
        let report = Report {
            against: &lock_path(&self.contracts).display().to_string(),
            old: &old.sources,
            new: &contracts.sources,
            versions: Vec::new(),
            findings: judged,
            problems: &problems,
        };
        let breaks_rows = report.findings.iter().any(|one| {
            let direction = one.finding.direction();
            one.fails() && matches!(direction, Direction::Backward | Direction::Forward)
        });
        let is_quiet = !report.fails() && report.summary().warning == 0 && problems.is_empty();
        if !is_quiet {
            eprint!("{}", write(Format::Human, &report, style(&stderr())));
        }
        let is_error = |problem: &soniq_schema::Diagnostic| {
            problem.severity() == soniq_schema::diagnostic::Severity::Error
        };
        Ok(breaks_rows || problems.iter().any(is_error))
    }

    fn deliver(&self, path: &Path, lock: &Lock, changes: &[Change]) -> ExitCode {
        let (shown, text) = (path.display(), lock.to_string());
        // Where git writes other ends of lines, they are no change.
        let before = fs::read_to_string(path).unwrap_or_default();
        if before.replace("\r\n", "\n") == text {
            print(format_args!("{shown} is up to date\n"));
            return ExitCode::SUCCESS;
        }
        if self.check {
            eprintln!("not up to date: {shown}");
            eprintln!("run: soniq-codegen lock {}", self.contracts.display());
            return ExitCode::FAILURE;
        }
        let written = if path.exists() {
            replace(path, &text)
        } else {
            create(path, &text)
        };
        if let Err(error) = written {
            return not_run(&format!("cannot write {shown}: {error}"));
        }
        for change in changes {
            print(format_args!("{change}\n"));
        }
        print(format_args!("wrote {shown}\n"));
        ExitCode::SUCCESS
    }
}

fn census(path: &Path, contracts: &Contracts, old: &LoadedLock) -> Result<Census, String> {
    let names = old
        .lock
        .versions()
        .map(|(_, _, version)| version.name.as_str());
    let census = Census::read(path)?.of_these(contracts, names)?;
    eprintln!("{}", census.title());
    Ok(census)
}

fn not_run(why: &str) -> ExitCode {
    eprintln!("error: {why}; nothing was written");
    ExitCode::from(NOT_RUN)
}
