//! `soniq-codegen import`: the schemas that a team has become a contract.
//!
//! The file is read ([`draft`], [`index`]), its schemas get names ([`names`]) and are converted one by
//! one ([`convert`], [`upgrade`]) into [`model`], which is laid out as TOML ([`contract`], [`layout`]).
//! Last the contract is loaded and its Rust is written, as a build would do, so that what is handed
//! out works; what only that shows is mended in [`repair`].

#[cfg(test)]
mod agreement;
mod canonical;
mod contract;
mod convert;
mod draft;
mod index;
mod keywords;
mod layout;
mod literal;
mod model;
mod names;
mod pointer;
mod repair;
mod report;
mod run;
mod titles;
mod upgrade;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::replace::{create, replace};
use super::show::ReportArgs;
use run::{Outcome, Request};

pub(super) use canonical::insert_canonical;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// A JSON Schema, or an OpenAPI document
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    /// Make the schema the arguments of this task
    #[arg(long, value_name = "NAMESPACE.NAME", value_parser = task_name)]
    task: Option<TaskName>,
    /// The contract to write; stdout if it is left out
    #[arg(long, value_name = "FILE.toml")]
    out: Option<PathBuf>,
    /// The one schema to import, and what it refers to: `/components/schemas/Invoice`
    #[arg(long, value_name = "POINTER", value_parser = pointer_text)]
    pointer: Option<String>,
    /// Replace a file that is there
    #[arg(long, requires = "out")]
    force: bool,
}

/// `billing.send_invoice`
#[derive(Debug, Clone)]
struct TaskName {
    namespace: String,
    key: String,
}

fn task_name(text: &str) -> Result<TaskName, String> {
    let (namespace, key) = text
        .split_once('.')
        .ok_or("give a namespace and a name: `billing.send_invoice`")?;
    for part in [namespace, key] {
        if !names::is_segment(part) {
            return Err(format!(
                "{part:?}: use lower-case letters, digits and underscores, and begin with a letter"
            ));
        }
    }
    Ok(TaskName {
        namespace: namespace.to_owned(),
        key: key.to_owned(),
    })
}

fn pointer_text(text: &str) -> Result<String, String> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if text.is_empty() || text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a JSON pointer begins with `/`".to_owned())
    }
}

impl Import {
    pub(super) fn run(&self) -> ExitCode {
        match self.import() {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("error: {message}; nothing was written");
                ExitCode::FAILURE
            }
        }
    }

    fn import(&self) -> Result<(), String> {
        if let Some(out) = self.out.as_deref().filter(|_| !self.force)
            && out.exists()
        {
            return Err(exists(out));
        }
        let text = read(&self.file)?;
        let outcome = run::import(&Request {
            file_name: &name_of(&self.file),
            stem: &self.file.file_stem().unwrap_or_default().to_string_lossy(),
            text: &text,
            pointer: self.pointer.as_deref(),
            task: self
                .task
                .as_ref()
                .map(|task| (task.namespace.as_str(), task.key.as_str())),
            out_name: &self
                .out
                .as_deref()
                .map_or("contract.toml".to_owned(), name_of),
        });
        let Outcome {
            report,
            diagnostics,
            sources,
            toml,
        } = outcome;
        eprint!("{}", report.text());
        let problems = report.problems() + ReportArgs::for_people().show(&diagnostics, &sources);
        match toml {
            Some(toml) if problems == 0 => self.write(&toml),
            _ => Err(match problems {
                1 => "1 problem".to_owned(),
                n => format!("{n} problems"),
            }),
        }
    }

    fn write(&self, toml: &str) -> Result<(), String> {
        let Some(out) = &self.out else {
            let mut stdout = io::stdout().lock();
            let written = stdout
                .write_all(toml.as_bytes())
                .and_then(|()| stdout.flush());
            return written.map_err(|error| format!("cannot write to stdout: {error}"));
        };
        let written = if self.force && out.exists() {
            replace(out, toml)
        } else {
            create(out, toml)
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(out),
            _ => format!("cannot write {}: {error}", out.display()),
        })?;
        println!("wrote {}", out.display());
        Ok(())
    }
}

fn exists(out: &Path) -> String {
    format!("{} is there already; --force replaces it", out.display())
}

/// The file's name without its folder.
fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The text of a file, if it is not longer than a schema can be.
fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let unreadable = |error: io::Error| format!("cannot read {shown}: {error}");
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = soniq_schema::MAX_LENGTH as u64 + 1;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 == limit {
        let limit = soniq_schema::MAX_LENGTH / 1024 / 1024;
        return Err(format!("{shown} is larger than {limit} MiB: split it"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not UTF-8"))?;
    // Some editors begin a file with a byte order mark, which is not part of the JSON.
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned))
}
