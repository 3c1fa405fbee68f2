//! What can go wrong with a file, in words that say what to do.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::Error;

/// How the tables check that what they hold is JSON. What Soniq writes is, so a refusal is about what
/// SQLite's reader bears.
const IS_JSON: &str = "json_valid(";

/// Why a transaction failed: SQLite says so, or what it was about.
#[derive(Debug)]
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Other(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Other(error)
    }
}

impl Failure {
    /// Whether the connection may be what is wrong: the next call opens another.
    pub(crate) fn is_of_the_file(&self) -> bool {
        let Failure::Sqlite(error) = self else {
            return false;
        };
        matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::CannotOpen
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::ReadOnly
                    | ErrorCode::SystemIoFailure
            )
        )
    }

    /// As this crate's error, while `doing` something in the file at `path`.
    pub(crate) fn told(self, doing: &'static str, path: &Path) -> Error {
        let error = match self {
            Failure::Other(error) => return error,
            Failure::Sqlite(error) => error,
        };
        let text = words(&error);
        if text.contains("no such table") || text.contains("no such column") {
            return Error::NotSetUp { found: text };
        }
        Error::Sqlite {
            doing,
            path: path.display().to_string(),
            reason: reason(&error, path),
            source: Box::new(error),
        }
    }
}

fn reason(error: &rusqlite::Error, path: &Path) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "the file is locked: another process keeps a transaction open".to_owned()
        }
        Some(ErrorCode::ReadOnly) => "it is read-only: this process must be able to write the \
                                      file, and files beside it"
            .to_owned(),
        Some(ErrorCode::DiskFull) => "the disk is full, or the file as large as it may be: free \
                                      some space; nothing of this was written"
            .to_owned(),
        Some(ErrorCode::NotADatabase) => "the file is no SQLite database: name another".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "the file is damaged: restore it from a copy, or save \
                                             what can be read with `sqlite3 FILE .recover`"
            .to_owned(),
        Some(ErrorCode::CannotOpen) => cannot_open(path),
        Some(ErrorCode::ConstraintViolation) if words(error).contains(IS_JSON) => {
            "its arguments or its result are JSON nested more than 1000 deep, which SQLite does not \
             read: make them flatter; nothing of this was written"
                .to_owned()
        }
        _ => words(error),
    }
}

/// What SQLite said, without the statement.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// SQLite says only that it cannot; why is seen from the path.
fn cannot_open(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        "it is a directory: name a file in it".to_owned()
    } else if !folder.is_dir() {
        format!("there is no directory {}: create it", folder.display())
    } else {
        "it cannot be opened: this process must be able to write the file, and files beside it"
            .to_owned()
    }
}

/// Whether the same call may succeed later.
pub(crate) fn is_transient(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::OutOfMemory
                | ErrorCode::SystemIoFailure
        )
    )
}

/// Whether what a row was to hold is refused, so that the same call will fail for ever.
pub(crate) fn is_refusal(error: &rusqlite::Error) -> bool {
    let refused = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
    );
    refused || matches!(error, rusqlite::Error::ToSqlConversionFailure(_))
}
