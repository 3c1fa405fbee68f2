//! How the program says that it could not do what was asked.

use std::io::Write as _;
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};

use super::note;
use super::printable::{printable, without_passwords};
use crate::error::Error;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// One line per error on standard error; exit status 1.
pub(crate) fn failure(error: &Error) -> ExitCode {
    for line in error.to_string().lines() {
        let line = without_passwords(line);
        note(&format!("{ERROR}error:{ERROR:#} {}", printable(&line)));
    }
    ExitCode::FAILURE
}

/// Help and the version on standard output, exit status 0; a wrong command line on standard error,
/// exit status 2. clap quotes what it does not understand, which may be a URL in the wrong place.
pub(crate) fn usage(stop: &clap::Error) -> ExitCode {
    // The flag has not been read: the command line could not be.
    if std::env::args_os().any(|argument| argument == "--no-color") {
        anstream::ColorChoice::Never.write_global();
    }
    let text = stop.render().ansi().to_string();
    if stop.use_stderr() {
        // As for any note: when it cannot be written, nobody reads it.
        let _ = write!(anstream::stderr(), "{}", without_passwords(&text));
    } else {
        let _ = write!(anstream::stdout(), "{text}");
    }
    ExitCode::from(u8::try_from(stop.exit_code()).unwrap_or(2))
}
