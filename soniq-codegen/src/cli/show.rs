//! How diagnostics reach whoever called: people on stderr, with colours where there is a terminal,
//! programs on stdout, as one document.

use std::fmt;
use std::io::{ErrorKind, Write as _, stderr, stdout};

use clap::{Args, ValueEnum};
use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::{Severity, Style};
use soniq_schema::source::Sources;

use crate::report::{Finding, github, gitlab, json, sarif};

/// Arguments of every command that reports.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// How problems are reported
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people, on stderr; the others are one document on stdout
    Human,
    /// JSON, described by diagnostics.schema.json of this crate
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// SARIF 2.1.0, for code scanners and editors
    Sarif,
}

impl ReportArgs {
    /// For a command whose `--format` is that of what it writes.
    pub(super) fn for_people() -> Self {
        ReportArgs {
            format: Format::Human,
        }
    }

    /// Prints the diagnostics and says how many of them are errors. To be called once in a run, with
    /// everything that was found: even nothing at all is a document.
    pub(super) fn show(&self, diagnostics: &[Diagnostic], sources: &Sources) -> usize {
        let document = match self.format {
            Format::Human => {
                show_people(diagnostics, sources);
                String::new()
            }
            Format::Json => json(&findings(diagnostics, sources)),
            Format::Github => github(&findings(diagnostics, sources)),
            Format::Gitlab => gitlab(&findings(diagnostics, sources)),
            Format::Sarif => sarif(&findings(diagnostics, sources)),
        };
        print(format_args!("{document}"));
        let is_error = |d: &&Diagnostic| d.severity() == Severity::Error;
        diagnostics.iter().filter(is_error).count()
    }

    /// Prints a line about what was done: on stdout, unless a document stands there.
    pub(super) fn say(&self, line: fmt::Arguments<'_>) {
        match self.format {
            Format::Human => print(format_args!("{line}\n")),
            _ => eprintln!("{line}"),
        }
    }
}

/// Prints to stdout. Whoever closes it early has read enough: no reason to panic, as `print!` does.
pub(super) fn print(text: fmt::Arguments<'_>) {
    let mut out = stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write to standard output: {error}");
        }
        Ok(()) | Err(_) => {}
    }
}

/// Prints diagnostics to stderr.
pub(super) fn show_people(diagnostics: &[Diagnostic], sources: &Sources) {
    if diagnostics.is_empty() {
        return;
    }
    eprintln!(
        "{}",
        soniq_schema::diagnostic::render(diagnostics, sources, style(&stderr()))
    );
}

/// Whether a stream is one for colours.
pub(super) fn style(stream: &impl anstream::stream::RawStream) -> Style {
    match anstream::AutoStream::choice(stream) {
        anstream::ColorChoice::Never => Style::Plain,
        _ => Style::Color,
    }
}

fn findings(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Finding> {
    let diagnostics = diagnostics.iter();
    diagnostics.map(|one| Finding::new(one, sources)).collect()
}
