//! What can go wrong, each with what to do about it.

#[cfg(feature = "sqlite")]
use crate::backend::sqlite;
use crate::check::Violation;

/// Every error of this crate. No text of any of them holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The arguments break the task's contract; nothing was written.
    #[error("arguments of {task} break its contract: {}", list(violations))]
    InvalidArgs {
        /// Wire name of the task.
        task: String,
        /// Every broken rule.
        violations: Vec<Violation>,
    },
    /// The result breaks the task's contract; nothing was written.
    #[error("the result of {task} breaks its contract: {}", list(violations))]
    InvalidOutput {
        /// Wire name of the task.
        task: String,
        /// Every broken rule.
        violations: Vec<Violation>,
    },
    /// A job was to be completed that is no longer this attempt's: its worker was taken for dead.
    #[error(
        "the claim of {task} {id} is lost: roll back, another worker runs the job or has run it"
    )]
    ClaimLost {
        /// Wire name of the task.
        task: String,
        /// The job's id.
        id: uuid::Uuid,
    },
    /// An environment variable or a flag has a value that does not parse.
    #[error("{name} is {value:?}: it must be {expected}")]
    Setting {
        /// The variable or flag.
        name: String,
        /// What it is set to.
        value: String,
        /// What it can be.
        expected: String,
    },
    /// No database URL was given.
    #[error(
        "no database URL: set SONIQ_DATABASE_URL or pass --database-url, \
         for example postgres://user@localhost/app"
    )]
    NoDatabaseUrl,
    /// The database URL cannot be read. The URL itself is left out: it may hold a password.
    #[error("the database URL cannot be read: {reason}")]
    DatabaseUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// No connection to the server.
    #[error("cannot connect to Postgres at {address}: {reason}")]
    Connect {
        /// Host and port, or the socket's folder.
        address: String,
        /// What the system or the server said.
        reason: String,
    },
    /// The tables are not there, or older than this release.
    #[error(
        "the database is not set up for this release ({found}): \
         run `soniq setup`, or a service's own `setup`"
    )]
    NotSetUp {
        /// What is missing.
        found: String,
    },
    /// The tables were made by a newer release.
    #[error(
        "the database's schema is at version {found}, this program knows only up to {known}: \
         deploy a newer build of it"
    )]
    SchemaTooNew {
        /// The newest version in the database.
        found: String,
        /// The newest version that this release knows.
        known: &'static str,
    },
    /// A statement failed.
    #[error("{doing} failed: {reason}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the server or the connection said.
        reason: String,
        /// The driver's error, with the server's code.
        #[source]
        source: Box<tokio_postgres::Error>,
    },
    /// A statement failed that another library ran for us: in a transaction of sqlx, diesel-async
    /// or `SeaORM`.
    #[error("{doing} failed: {reason}")]
    Adapter {
        /// What was being done.
        doing: &'static str,
        /// What the server or the library said.
        reason: String,
        /// The server's code (SQLSTATE) where the library tells it; `08006` for a lost connection.
        code: Option<String>,
        /// The library's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A job was to be enqueued or completed in a transaction on another database than Postgres.
    #[error(
        "this is a connection to {found}, and jobs share transactions on Postgres only: \
         enqueue with a `Soniq` handle instead"
    )]
    NotPostgres {
        /// The other database.
        found: String,
    },
    /// A job was to be completed in a transaction, and the connection is in none.
    #[error("complete_in was called outside of a transaction: begin one on that connection first")]
    NoTransaction,
    /// A SQLite file cannot be used, or a statement on it failed.
    #[cfg(feature = "sqlite")]
    #[error("{doing} failed: {path}: {reason}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
        /// What is wrong, and what to do about it.
        reason: String,
        /// The driver's error, with SQLite's code.
        #[source]
        source: Box<rusqlite::Error>,
    },
    /// Somebody held a lock for longer than this waits; nothing was changed.
    #[error(
        "{doing} failed: {holder} holds a lock that it needs; nothing was changed: wait for that \
         transaction or end it, as with `SELECT pg_terminate_backend(..)`, and try again"
    )]
    Locked {
        /// What was being done.
        doing: &'static str,
        /// The backend that holds it: its process id, and what may be seen of it beside.
        holder: String,
    },
    /// An enqueue met a queued twin again and again that was gone when it looked.
    #[error(
        "{task} was not enqueued: a queued job with its key appeared and went {tries} times; \
         try again"
    )]
    Contended {
        /// Wire name of the task.
        task: String,
        /// How often it was tried.
        tries: u32,
    },
    /// A job was to be written under an id that another job has.
    #[error(
        "{task} was not enqueued: a job with the id {id} exists; leave `NewJob::id` as it was made"
    )]
    IdTaken {
        /// Wire name of the task.
        task: String,
        /// The id.
        id: uuid::Uuid,
    },
    /// Two handlers were given for one wire name.
    #[error("two handlers for {name}: a worker takes one per task")]
    DuplicateHandler {
        /// The wire name.
        name: &'static str,
    },
    /// A worker was built with no handler at all.
    #[error("a worker needs at least one handler: add .handler(..) or .handlers(..)")]
    NoHandlers,
    /// More workers register under one hostname and process id than can be told apart.
    #[error("more than a thousand workers are registered as {hostname} with this process id")]
    TooManyWorkers {
        /// The hostname.
        hostname: String,
    },
    /// Handlers did not stop at a shutdown though they were told to: they never yield.
    #[error("{jobs} handlers did not stop and were left behind; other workers will run their jobs")]
    LeftBehind {
        /// How many.
        jobs: usize,
    },
    /// A schedule cannot be read.
    #[error("the schedule of {task} cannot be read: {reason}")]
    Schedule {
        /// Wire name of the task.
        task: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What only the store in memory can do was asked of another one.
    #[cfg(feature = "testing")]
    #[error("{what} works in memory only: make the handle with `testing::memory()`")]
    NeedsMemory {
        /// What was asked for.
        what: &'static str,
    },
    /// A test asked for this failure; see [`Soniq::fail_next`](crate::Soniq::fail_next).
    #[cfg(feature = "testing")]
    #[error("{doing} failed: the test asked for it")]
    Injected {
        /// What was being done.
        doing: &'static str,
    },
    /// No schedule is stored under this name.
    #[error("no schedule of {task} is stored: `soniq schedules list` shows those that are")]
    NoSchedule {
        /// Wire name of the task.
        task: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without any change: the connection was lost, or the
    /// server is starting, stopping, read-only after a failover, or short of something. What cannot
    /// even be sent, as a message beyond the protocol's limit, never will.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Connect { .. } | Error::Locked { .. } => true,
            #[cfg(feature = "testing")]
            Error::Injected { .. } => true,
            Error::Database { source, .. } => match source.code() {
                Some(state) => is_transient_state(state.code()),
                None => source.is_closed() || lost_connection(source),
            },
            Error::Adapter { code, .. } => code.as_deref().is_some_and(is_transient_state),
            #[cfg(feature = "sqlite")]
            Error::Sqlite { source, .. } => sqlite::failure::is_transient(source),
            _ => false,
        }
    }

    /// Whether the database refuses what a statement's rows hold, so that the same call will fail
    /// for ever: class 22 (data), 23 (integrity), 54 (limits), a wrong type, or a value that could
    /// not even be encoded.
    pub(crate) fn is_refusal(&self) -> bool {
        #[cfg(feature = "sqlite")]
        if let Error::Sqlite { source, .. } = self {
            return sqlite::failure::is_refusal(source);
        }
        let Error::Database { source, .. } = self else {
            return false;
        };
        if let Some(state) = source.code() {
            let class = &state.code()[..2];
            return ["22", "23", "54"].contains(&class) || state.code() == "42804";
        }
        let cause = std::error::Error::source(&**source);
        let by_the_network = cause.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        !source.is_closed() && !by_the_network
    }
}

/// Classes of the SQL standard and of Postgres, appendix A: 08 connection, 40 rollback,
/// 53 resources, 55 not available, 57 operator intervention; and 25006, read-only.
fn is_transient_state(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    code == "25006" || ["08", "40", "53", "55", "57"].contains(&class)
}

/// The driver reports a message that is too long as an I/O error too, of this one kind.
fn lost_connection(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() != std::io::ErrorKind::InvalidInput)
}

fn list(violations: &[Violation]) -> String {
    let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
    text.join("; ")
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    async fn error(client: &tokio_postgres::Client, statement: &str) -> Error {
        let source = client.batch_execute(statement).await.unwrap_err();
        Error::Database {
            doing: "testing",
            reason: source.to_string(),
            source: Box::new(source),
        }
    }

    #[tokio::test]
    async fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        let database = crate::testing::database().await.unwrap();
        let client = database.connect().await.unwrap();
        for refused in ["SELECT 1 / 0", "SELECT 'nul \0'", "no statement"] {
            assert!(!error(&client, refused).await.is_transient(), "{refused:?}");
        }
        client
            .batch_execute("SET default_transaction_read_only = on")
            .await
            .unwrap();
        let read_only = error(&client, "CREATE TABLE t ()").await;
        assert!(read_only.is_transient(), "{read_only}");
        let ended = error(&client, "SELECT pg_terminate_backend(pg_backend_pid())").await;
        assert!(ended.is_transient(), "{ended}");
        let closed = error(&client, "SELECT 1").await;
        assert!(closed.is_transient(), "{closed}");
    }
}
