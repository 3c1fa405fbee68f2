//! `soniq-codegen fmt`: one layout for all contract files.
//!
//! What a file says stays, and so do its comments and the order of what has no order of its own:
//! types, tasks, properties. Keys come as the contract language's documents have them.

mod comments;
mod entry;
mod layout;
mod list;
mod order;
#[cfg(test)]
mod tests;
mod value;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use soniq_schema::diagnostic::codes;

use super::replace::replace;
use super::show::ReportArgs;
use layout::formatted;

/// Arguments of `fmt`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 1 a file cannot be laid out, or with --check is not, \
    2 wrong usage."
)]
pub(super) struct Fmt {
    /// Contract files, or folders with contract files
    #[arg(required = true)]
    contracts: Vec<PathBuf>,
    /// Write nothing; name the files that would be written, and fail if there is one
    #[arg(long)]
    check: bool,
}

/// What came of a file.
enum Outcome {
    AsItShouldBe,
    /// Written, or to be written.
    Changed,
    /// Left alone, for a reason that was shown.
    Failed,
}

impl Fmt {
    pub(super) fn run(&self) -> ExitCode {
        let mut is_good = true;
        for path in &self.contracts {
            match files(path) {
                Ok(files) => {
                    for file in files {
                        is_good &= self.file(&file);
                    }
                }
                Err(error) => {
                    eprintln!("error: {error}");
                    is_good = false;
                }
            }
        }
        if is_good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// Lays out one file, and says whether all is well.
    fn file(&self, path: &Path) -> bool {
        let outcome = self.lay_out(path).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            Outcome::Failed
        });
        match outcome {
            Outcome::AsItShouldBe => true,
            Outcome::Changed if self.check => {
                println!("not laid out: {}", path.display());
                false
            }
            Outcome::Changed => {
                println!("wrote {}", path.display());
                true
            }
            Outcome::Failed => false,
        }
    }

    fn lay_out(&self, path: &Path) -> Result<Outcome, String> {
        let failed =
            |what| move |error: io::Error| format!("cannot {what} {}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(failed("read"))?;
        let name = path.to_string_lossy().replace('\\', "/");
        let mut loaded = soniq_schema::load_sources([(name, text.clone())]);
        let syntax = [codes::SYNTAX, codes::TOO_DEEP];
        loaded.diagnostics.retain(|one| syntax.contains(&one.code));
        if !loaded.diagnostics.is_empty() {
            ReportArgs::for_people().show(&loaded.diagnostics, &loaded.contracts.sources);
            return Ok(Outcome::Failed);
        }
        let laid_out = formatted(&text)
            .map_err(|error| format!("cannot lay out {}: {error}", path.display()))?;
        if laid_out == text {
            return Ok(Outcome::AsItShouldBe);
        }
        if !self.check {
            replace(path, &laid_out).map_err(failed("write"))?;
        }
        Ok(Outcome::Changed)
    }
}

/// The file, or the contract files of the folder, by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension() == Some(OsStr::new("toml")) && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{} holds no .toml file", path.display()));
    }
    Ok(files)
}
