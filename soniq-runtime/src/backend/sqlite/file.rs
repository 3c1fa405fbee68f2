//! The file: one connection, and what is done with it.
//!
//! Invariant: every change is one transaction that takes the write lock as it begins
//! (`BEGIN IMMEDIATE`), so what it reads is still so when it writes, and it waits for other
//! processes at no later point. It runs on a thread for blocking code and ends there even when the
//! caller has gone: it is committed as a whole or not at all.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::Mutex;

use super::failure::Failure;
use super::values::Time;
use super::wakers::Wakers;
use crate::error::Error;

/// Statements that a connection keeps prepared: all that a worker uses over and over.
const STATEMENTS: usize = 64;

const PRAGMAS: &str = include_str!("sql/pragmas.sql");
const USE_WAL: &str = "PRAGMA journal_mode = WAL";

/// Where the file is and how long to wait for it.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) path: PathBuf,
    /// How long to wait while another process writes.
    pub(crate) patience: Duration,
}

/// Whether a file that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Create,
    Refuse,
}

impl Location {
    pub(crate) fn open(&self, missing: Missing) -> Result<Connection, Failure> {
        // One that cannot even be looked at is for SQLite to refuse.
        if missing == Missing::Refuse && !self.path.try_exists().unwrap_or(true) {
            return Err(Failure::Other(Error::NotSetUp {
                found: format!("there is no file {}", self.path.display()),
            }));
        }
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if missing == Missing::Create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.patience)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(PRAGMAS)?;
        if missing == Missing::Create {
            // Stays with the file.
            connection.query_row(USE_WAL, [], |_| Ok(()))?;
        }
        Ok(connection)
    }
}

/// An open connection, and which file it is on.
#[derive(Debug)]
struct Held {
    connection: Connection,
    identity: Option<Identity>,
}

impl Held {
    fn new(location: &Location, missing: Missing) -> Result<Self, Failure> {
        Ok(Held {
            connection: location.open(missing)?,
            identity: identity(&location.path),
        })
    }
}

/// What tells a file from another that takes its place; what is written to one that was removed is
/// lost.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

/// A file of jobs; connects when first used.
#[derive(Debug)]
pub(crate) struct File {
    location: Location,
    /// Callers take turns here, in the order in which they came, rather than on threads.
    held: Arc<Mutex<Option<Held>>>,
    wakers: Arc<Wakers>,
}

/// A transaction that changes something.
pub(crate) struct Change<'a> {
    connection: &'a Connection,
    /// The one time of this transaction, read once it has the write lock.
    pub(crate) now: Time,
    woken: RefCell<BTreeSet<String>>,
}

impl Change<'_> {
    /// Has this process's workers of `queue` look, once this is committed.
    pub(crate) fn wake(&self, queue: impl Into<String>) {
        self.woken.borrow_mut().insert(queue.into());
    }
}

impl Deref for Change<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl File {
    pub(crate) fn new(location: Location, wakers: Arc<Wakers>) -> Self {
        File {
            location,
            held: Arc::default(),
            wakers,
        }
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    pub(crate) fn path(&self) -> &Path {
        &self.location.path
    }

    /// What it is called in reports.
    pub(crate) fn name(&self) -> String {
        let name = self.location.path.file_name();
        name.unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn wakers(&self) -> &Arc<Wakers> {
        &self.wakers
    }

    /// Makes the file where there is none, for what [`File::change`] is to do with it next.
    pub(crate) async fn create(&self, doing: &'static str) -> Result<(), Error> {
        let location = self.location.clone();
        let mut held = Arc::clone(&self.held).lock_owned().await;
        let made = run(move || {
            *held = Some(Held::new(&location, Missing::Create)?);
            Ok(())
        });
        made.await
            .map_err(|failure| failure.told(doing, self.path()))
    }

    /// Changes something, in one transaction.
    pub(crate) async fn change<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        F: FnOnce(&Change<'_>) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let changed = self.with(move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let change = Change {
                connection: &transaction,
                now: Time::now(),
                woken: RefCell::default(),
            };
            let answer = work(&change)?;
            let woken = change.woken.into_inner();
            transaction.commit()?;
            Ok((answer, woken))
        });
        let (answer, woken) = changed
            .await
            .map_err(|failure| failure.told(doing, self.path()))?;
        for queue in woken {
            self.wakers.due(&queue);
        }
        Ok(answer)
    }

    /// Looks at something, at one moment.
    pub(crate) async fn read<T, F>(&self, doing: &'static str, work: F) -> Result<T, Error>
    where
        F: FnOnce(&Connection, Time) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let read = self.with(move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            work(&transaction, Time::now())
        });
        read.await
            .map_err(|failure| failure.told(doing, self.path()))
    }

    async fn with<T, F>(&self, work: F) -> Result<T, Failure>
    where
        F: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let location = self.location.clone();
        let mut held = Arc::clone(&self.held).lock_owned().await;
        let done = run(move || {
            held.take_if(|held| held.identity != identity(&location.path));
            let open = match &mut *held {
                Some(open) => open,
                none => none.insert(Held::new(&location, Missing::Refuse)?),
            };
            let done = work(&mut open.connection);
            if done.as_ref().is_err_and(Failure::is_of_the_file) {
                *held = None;
            }
            done
        });
        done.await
    }
}

/// Runs what blocks.
pub(crate) async fn run<T, F>(work: F) -> Result<T, Failure>
where
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
    T: Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels what has not begun, and this with it.
            Err(_) => std::future::pending().await,
        },
    }
}
