//! Standard output, which may end early, and notes beside it.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;

use crate::error::Error;

/// Writes to standard output. A reader that has seen enough, as `head` has, is not this program's
/// trouble: a closed pipe is no error.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut stdout = anstream::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a value as indented JSON and a line's end.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Output(std::io::Error::other(error)))?;
    print(&(text + "\n"))
}

/// Writes a remark to standard error, where it is no part of a verb's answer.
pub(crate) fn note(text: &str) {
    // Nobody is left to be told.
    let _ = writeln!(anstream::stderr(), "{text}");
}
