//! The handle: one per process, to enqueue without a transaction of one's own, to run workers, and
//! to see and operate what lies in the database.

use std::sync::{Arc, OnceLock};

use crate::backend::{Backend, open};
use crate::dead_letter::DeadLetters;
use crate::enqueue::{Enqueued, Enqueuer, NewJob};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::jobs::Jobs;
use crate::migrations::MigrationStatus;
use crate::queues::Queues;
use crate::rows::Rows;
use crate::schedules::Schedules;
use crate::settings::Settings;
use crate::stats::Stats;

/// A connection to one Soniq database. Cheap to clone; clones share the pool.
#[derive(Debug, Clone)]
pub struct Soniq {
    backend: Arc<dyn Backend>,
    settings: Arc<Settings>,
    /// A throwaway one, dropped with the handle.
    #[cfg(feature = "testing")]
    database: Option<Arc<crate::testing::Database>>,
}

impl Soniq {
    /// A handle on `url`, with the other settings from the environment. Connects when first used.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), soniq_runtime::Error> {
    /// let soniq = soniq_runtime::Soniq::connect("postgres://app@localhost/app")?;
    /// soniq.setup().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// `postgres://user@host/database` is a database on Postgres; a list of `key=value` is one too.
    ///
    /// `sqlite://path`, with the feature `sqlite`, is a file: `sqlite://soniq.db` from the current
    /// directory, `sqlite:///var/lib/app/soniq.db` from the root, nothing in it encoded; `setup` makes
    /// it. It is for development, tests and small services on one machine, and behaves the same but
    /// for this:
    ///
    /// - one transaction writes at a time, and a call waits up to five seconds for another process's;
    /// - jobs are enqueued through the handle, not in a transaction of your own: passing one does not
    ///   compile, and neither does passing it to [`complete_in`](crate::JobContext::complete_in);
    /// - a worker hears at once of jobs that its own handle (or a clone of it) enqueues; of those of
    ///   other processes it hears when it polls, every `SONIQ_POLL_INTERVAL`, 5 seconds unless set;
    /// - all processes run on one machine, on a disk of its own and not on a network's; its clock is
    ///   the only one;
    /// - a worker's crash is noticed when it has missed three heartbeats and its file lock is free, 25
    ///   seconds unless set otherwise; where files cannot be locked, by `SONIQ_HEARTBEAT_TIMEOUT`;
    /// - beside the file lie `-wal`, `-shm`, and while workers run one `-worker-…` for each: a copy of
    ///   the file alone may lack the last jobs.
    ///
    /// # Errors
    /// [`Error::DatabaseUrl`] or [`Error::Setting`].
    pub fn connect(url: &str) -> Result<Self, Error> {
        let mut settings = Settings::from_env()?;
        settings.database_url = Some(url.to_owned());
        Self::with_settings(settings)
    }

    /// A handle on `SONIQ_DATABASE_URL`.
    ///
    /// # Errors
    /// [`Error::NoDatabaseUrl`], [`Error::DatabaseUrl`] or [`Error::Setting`].
    pub fn from_env() -> Result<Self, Error> {
        Self::with_settings(Settings::from_env()?)
    }

    /// A handle with settings of one's own.
    ///
    /// # Errors
    /// [`Error::NoDatabaseUrl`], [`Error::DatabaseUrl`] or [`Error::SessionUrl`].
    pub fn with_settings(settings: Settings) -> Result<Self, Error> {
        let url = settings.database_url.clone().ok_or(Error::NoDatabaseUrl)?;
        let settings = Arc::new(settings);
        let backend = open::open(&url, Arc::clone(&settings))?;
        Ok(Soniq {
            backend,
            settings,
            #[cfg(feature = "testing")]
            database: None,
        })
    }

    /// Creates the tables or brings them up to date; the versions that were applied, none when the
    /// database was up to date. Safe to run from many processes at once.
    ///
    /// # Errors
    /// What the database says, or [`Error::SchemaTooNew`].
    pub async fn setup(&self) -> Result<Vec<String>, Error> {
        self.backend.setup().await
    }

    /// Fails unless the tables are those of this release.
    ///
    /// # Errors
    /// [`Error::NotSetUp`], [`Error::SchemaTooNew`], or what the database says.
    pub async fn check_schema(&self) -> Result<(), Error> {
        self.backend.check_schema().await
    }

    /// Every step of the schema that this release or the database knows, by version. Works on a
    /// database that was never set up, and on one that is newer.
    ///
    /// # Errors
    /// What the database says.
    pub async fn migrations(&self) -> Result<Vec<MigrationStatus>, Error> {
        self.backend.migrations().await
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Jobs: list, look at, cancel.
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { soniq: self }
    }

    /// Pause and resume queues.
    pub fn queues(&self) -> Queues<'_> {
        Queues { soniq: self }
    }

    /// Dead letters: list, look at, replay, purge.
    pub fn dead_letter(&self) -> DeadLetters<'_> {
        DeadLetters { soniq: self }
    }

    /// Counts of queues, workers and dead letters.
    ///
    /// # Errors
    /// What the database says.
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.backend.stats().await
    }

    /// The rows that have yet to run: count them, check whether they would.
    pub fn rows(&self) -> Rows<'_> {
        Rows { soniq: self }
    }

    /// The live workers, which contracts they serve by, and what is queued that none of them takes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn fleet(&self) -> Result<Fleet, Error> {
        self.backend.fleet().await
    }

    /// Stored schedules: list, pause, resume, run now, remove.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules { soniq: self }
    }

    /// A handle that keeps a throwaway database for as long as it is there.
    #[cfg(feature = "testing")]
    pub(crate) fn keeping(mut self, database: crate::testing::Database) -> Self {
        self.database = Some(Arc::new(database));
        self
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }
}

/// Each call is a transaction of its own.
impl Enqueuer for &Soniq {
    async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
        let answers = self.backend.enqueue(vec![job]).await?;
        Ok(answers[0])
    }

    async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
        self.backend.enqueue(jobs).await
    }
}

/// The environment's settings, read once: what an enqueue in a caller's own transaction goes by.
pub(crate) fn process_settings() -> Result<&'static Settings, Error> {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    if let Some(settings) = SETTINGS.get() {
        return Ok(settings);
    }
    let settings = Settings::from_env()?;
    Ok(SETTINGS.get_or_init(|| settings))
}
