//! How generated files reach their folder, or are compared with what lies there.

use std::path::Path;
use std::process::ExitCode;

use super::show::ReportArgs;
use crate::output::{Changes, OutputError, outdated, write};
use crate::render::GeneratedFile;

/// Writes the files. With `check`, writes nothing and fails if they are not what lies in the
/// folder; `check` is the command that would write them.
pub(super) fn deliver(
    report: &ReportArgs,
    out: &Path,
    files: &[GeneratedFile],
    check: Option<&str>,
) -> ExitCode {
    let done = match check {
        Some(command) => {
            outdated(out, files).map(|changes| compared(report, out, &changes, command))
        }
        None => write(out, files).map(|changes| written(report, out, &changes)),
    };
    done.unwrap_or_else(|error: OutputError| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn written(report: &ReportArgs, out: &Path, changes: &Changes) -> ExitCode {
    for name in &changes.written {
        report.say(format_args!("wrote {}", out.join(name).display()));
    }
    for name in &changes.removed {
        report.say(format_args!("removed {}", out.join(name).display()));
    }
    if changes.is_empty() {
        report.say(format_args!("{} is up to date", out.display()));
    }
    ExitCode::SUCCESS
}

fn compared(report: &ReportArgs, out: &Path, changes: &Changes, command: &str) -> ExitCode {
    if changes.is_empty() {
        report.say(format_args!("{} is up to date", out.display()));
        return ExitCode::SUCCESS;
    }
    for name in &changes.written {
        eprintln!("not up to date: {}", out.join(name).display());
    }
    for name in &changes.removed {
        eprintln!("no longer generated: {}", out.join(name).display());
    }
    eprintln!("run: {command}");
    ExitCode::FAILURE
}
