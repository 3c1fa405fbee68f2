//! How diagnostics reach whoever called: on stderr, with colours where there is a terminal.

use std::fmt;
use std::io::{ErrorKind, Write as _};

use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::{Severity, Style};
use soniq_schema::source::Sources;

/// Prints the diagnostics and says how many of them are errors.
pub(super) fn show(diagnostics: &[Diagnostic], sources: &Sources) -> usize {
    if !diagnostics.is_empty() {
        let style = match anstream::AutoStream::choice(&std::io::stderr()) {
            anstream::ColorChoice::Never => Style::Plain,
            _ => Style::Color,
        };
        eprintln!(
            "{}",
            soniq_schema::diagnostic::render(diagnostics, sources, style)
        );
    }
    let is_error = |d: &&Diagnostic| d.severity() == Severity::Error;
    diagnostics.iter().filter(is_error).count()
}

/// Prints to stdout. Whoever closes it early has read enough: no reason to panic, as `print!` does.
pub(super) fn print(text: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write to standard output: {error}");
        }
        Ok(()) | Err(_) => {}
    }
}
