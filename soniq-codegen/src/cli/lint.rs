//! `soniq-codegen lint`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use soniq_schema::diagnostic::{Code, Severity, codes};
use soniq_schema::source::FileId;
use soniq_schema::{Diagnostic, Loaded};

use super::fix::fix;
use super::replace::replace;
use super::show::ReportArgs;

/// Arguments of `lint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 nothing found, 1 errors, or lints that were not mended, \
    2 wrong usage."
)]
pub(super) struct Lint {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// Mend what is mechanical and changes nothing that is taken or run today
    #[arg(long)]
    fix: bool,
    /// Lints that are not looked for, such as `L005,L007`
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = lint_code)]
    allow: Vec<&'static Code>,
    #[command(flatten)]
    report: ReportArgs,
}

fn lint_code(text: &str) -> Result<&'static Code, String> {
    match codes::find(text) {
        Some(code) if code.severity == Severity::Warning => Ok(code),
        Some(_) => Err("it is an error, which cannot be allowed".to_owned()),
        None => Err("lints are named `L001`, `L002` and so on".to_owned()),
    }
}

impl Lint {
    pub(super) fn run(&self) -> ExitCode {
        let mut loaded = soniq_schema::load(&self.contracts);
        let mut found = self.diagnostics(&loaded);
        if self.fix && loaded.is_ok() {
            match self.mend(&loaded, &found) {
                Ok(None) => {}
                Ok(Some(mended)) => {
                    found = self.diagnostics(&mended);
                    loaded = mended;
                }
                Err(error) => {
                    eprintln!("error: {error}");
                    return ExitCode::FAILURE;
                }
            }
        }
        self.report.show(&found, &loaded.contracts.sources);
        if found.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// What is wrong, or else what is to be looked at: lints about half a contract would mislead.
    fn diagnostics(&self, loaded: &Loaded) -> Vec<Diagnostic> {
        let mut found = loaded.diagnostics.clone();
        if loaded.is_ok() {
            found.extend(soniq_schema::lint(&loaded.contracts));
        }
        found.retain(|diagnostic| !self.allow.contains(&diagnostic.code));
        found
    }

    /// Writes the files that can be mended; the contracts as they are then, if there is one.
    fn mend(&self, loaded: &Loaded, lints: &[Diagnostic]) -> Result<Option<Loaded>, String> {
        let sources = &loaded.contracts.sources;
        let about = |lint: &&Diagnostic, id: FileId| {
            let location = lint.location.as_ref();
            location.is_some_and(|location| location.file == id)
        };
        let files: Vec<_> = sources
            .iter()
            .map(|(id, file)| {
                let lints = lints.iter().filter(|lint| about(lint, id));
                (file, fix(&file.text, lints))
            })
            .collect();
        if files.iter().all(|(_, fixed)| fixed.done.is_empty()) {
            return Ok(None);
        }
        let texts = files.iter().map(|(file, fixed)| {
            let text = match fixed.done.as_slice() {
                [] => &file.text,
                _ => &fixed.text,
            };
            (file.name.clone(), text.clone())
        });
        let mended = soniq_schema::load_sources(texts);
        if !mended.is_ok() {
            // Not known to happen; a file that loads is worth more than one that is mended.
            self.report
                .show(&mended.diagnostics, &mended.contracts.sources);
            return Err("what --fix would write does not load; nothing was written".to_owned());
        }
        for (file, fixed) in files.iter().filter(|(_, fixed)| !fixed.done.is_empty()) {
            let path = self.contracts.join(file.file_name());
            write(&path, &fixed.text)?;
            for (lint, what) in &fixed.done {
                let location = lint.location.as_ref();
                let line = location.map_or(1, |location| sources.line_column(location).0);
                let (name, code) = (&file.name, lint.code.id);
                self.report
                    .say(format_args!("{name}:{line}: {code}: added {what}"));
            }
        }
        Ok(Some(mended))
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    replace(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
