//! How the program says that it could not do what was asked.

use std::borrow::Cow;
use std::io::Write as _;
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};
use soniq_runtime::Finding;

use super::note;
use super::printable::{printable, without_passwords};
use crate::error::Error;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// One line per error on standard error; exit status 1, or 2 of a gate that could not look.
pub(crate) fn failure(error: &Error) -> ExitCode {
    match error {
        Error::Several(errors) => errors.iter().for_each(say),
        Error::Unchecked(error) => {
            say(error);
            return ExitCode::from(2);
        }
        error => say(error),
    }
    ExitCode::FAILURE
}

/// What is wrong with the database beside what was asked for: an error line each, whatever the answer.
pub(crate) fn findings(findings: &[Finding]) {
    for Finding { what, remedy, .. } in findings {
        note(&format!(
            "{ERROR}error:{ERROR:#} {}: {}",
            printable(what),
            printable(remedy)
        ));
    }
}

fn say(error: &Error) {
    let text = error.to_string();
    let text = match error {
        // Holds none, and may show what a URL looks like.
        Error::Runtime(_) => Cow::Borrowed(text.as_str()),
        // May quote an argument that was given in the wrong place.
        _ => without_passwords(&text),
    };
    note(&format!("{ERROR}error:{ERROR:#} {}", printable(&text)));
}

/// Help and the version on standard output, exit status 0; a wrong command line on standard error,
/// exit status 2. clap quotes what it does not understand, which may be a URL in the wrong place.
pub(crate) fn usage(stop: &clap::Error) -> ExitCode {
    // The flag has not been read: the command line could not be.
    if std::env::args_os().any(|argument| argument == "--no-color") {
        anstream::ColorChoice::Never.write_global();
    }
    let text = stop.render().ansi().to_string();
    let text = text.trim_end();
    if stop.use_stderr() {
        // As for any note: when it cannot be written, nobody reads it.
        let _ = writeln!(anstream::stderr(), "{}", without_passwords(text));
    } else {
        let _ = writeln!(anstream::stdout(), "{text}");
    }
    ExitCode::from(u8::try_from(stop.exit_code()).unwrap_or(2))
}
