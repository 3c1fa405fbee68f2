//! Why a test got no database.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// Why the test kit could not give what was asked of it. Its text says what to do about it, and
/// never holds a password.
///
/// `Debug` gives the same text as `Display`, with the causes after it: that is what `unwrap` prints,
/// and a test that returns the error.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestingError {
    /// The programs of a Postgres server are not on this machine. The text says how to install them.
    #[error("{0}")]
    NoServer(String),

    /// This process is root, as which Postgres refuses to run, and no other account was found.
    #[error(
        "Postgres does not run as root, and this system has neither a user postgres nor a user nobody \
         to run it as: add one, or run the tests as another user"
    )]
    NoAccount,

    /// A program of the system could not be run.
    #[error("could not run {program}")]
    Run {
        /// The program.
        program: &'static str,
        /// What the system said.
        source: std::io::Error,
    },

    /// No TCP port could be had for the server.
    #[error("found no free TCP port at 127.0.0.1")]
    NoPort(#[source] std::io::Error),

    /// A throwaway server did not start.
    #[error("the Postgres server in {} did not start: {step} failed\n{log}", bin.display())]
    Start {
        /// Directory of the programs that were run.
        bin: PathBuf,
        /// Which of the programs failed.
        step: String,
        /// The end of the server's log.
        log: String,
    },

    /// `SONIQ_TEST_DATABASE_URL` is set to something else than a connection string. Its value is
    /// left out, for it may hold a password.
    #[error(
        "SONIQ_TEST_DATABASE_URL is no connection string: give postgresql://USER:PASSWORD@HOST:PORT/DATABASE, \
         with what is special in a URL percent-encoded, or host=HOST user=USER dbname=DATABASE"
    )]
    InvalidUrl,

    /// The server refused, or could not be reached.
    #[error("could not {doing}")]
    Server {
        /// What was being done, e.g. `create a database`.
        doing: &'static str,
        /// What the server or the connection said.
        source: tokio_postgres::Error,
    },

    /// What was to fill a template database failed.
    #[error("could not set up the template database {template}")]
    Setup {
        /// The template's name, as given to `database_from`.
        template: String,
        /// What the setup returned.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The thread that starts the server ended without a result: it panicked, or the runtime is
    /// shutting down.
    #[error("the start of the Postgres server was interrupted")]
    Interrupted,
}

impl fmt::Debug for TestingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_readable_and_tells_the_causes() {
        let error = TestingError::Run {
            program: "/bin/sh",
            source: std::io::Error::other("too many processes"),
        };
        assert_eq!(
            format!("{error:?}"),
            "could not run /bin/sh: too many processes"
        );
    }
}
