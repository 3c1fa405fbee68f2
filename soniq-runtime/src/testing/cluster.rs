//! One Postgres server for the tests of a process.

use std::collections::HashMap;
use std::io::{Error as IoError, ErrorKind};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use super::TestingError;
use super::address::{Address, USER};
use super::database::{Database, remove_leftovers};
use super::installation::Installation;
use super::keeper::Keeper;

/// A running server with the right to create databases on it: a throwaway one, started from the
/// programs that are installed on this machine, or the one that `SONIQ_TEST_DATABASE_URL` names.
///
/// A throwaway server is stopped and its files are removed when the value is dropped, and also when
/// the process ends in any other way, be it by a panic, [`std::process::exit`] or SIGKILL. Run as
/// root, it belongs to the user `postgres`, or else `nobody`.
///
/// It runs with `fsync` off, so it is faster than one in production and loses its data with the
/// machine's power; `synchronous_commit` and `max_connections` (200) are stated, everything else is
/// Postgres' default. Its superuser is `soniq`, its locale C, its timezone UTC.
#[derive(Debug)]
pub struct Cluster {
    pub(super) address: Address,
    /// None for the server of `SONIQ_TEST_DATABASE_URL`, which is somebody else's to stop.
    keeper: Option<Keeper>,
    templates: Mutex<HashMap<String, Arc<OnceCell<Database>>>>,
}

impl Cluster {
    /// The cluster that all tests of this process share. The first call starts it.
    ///
    /// # Errors
    ///
    /// As for [`Cluster::start`]; or the server of `SONIQ_TEST_DATABASE_URL` cannot be reached.
    pub async fn shared() -> Result<&'static Self, TestingError> {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED
            .get_or_try_init(async || match std::env::var("SONIQ_TEST_DATABASE_URL") {
                Ok(url) if !url.is_empty() => Self::given(url).await,
                _ => Self::start().await,
            })
            .await
    }

    /// Starts a throwaway cluster that only the caller uses, whatever `SONIQ_TEST_DATABASE_URL`
    /// says. It listens on a Unix socket and is stopped when the value is dropped.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), soniq_runtime::testing::TestingError> {
    /// let cluster = soniq_runtime::testing::Cluster::start().await?;
    /// println!("psql '{}'", cluster.url("postgres"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TestingError::NoServer`] when no server is installed, with what to install in its text;
    /// [`TestingError::Start`] with the end of the server's log when it does not come up.
    pub async fn start() -> Result<Self, TestingError> {
        let keeper = start_keeper(SOCKET_PORT, false).await?;
        let directory = keeper.directory().to_owned();
        Ok(Self::at(
            Address::Socket {
                directory,
                port: SOCKET_PORT,
            },
            Some(keeper),
        ))
    }

    /// As [`Cluster::start`], and the server also listens on a free TCP port at 127.0.0.1, for what
    /// cannot use a socket. [`Cluster::url`] then gives that port and a password made for this
    /// cluster, since other users of the machine reach the port too.
    ///
    /// # Errors
    ///
    /// As for [`Cluster::start`]; and [`TestingError::NoPort`].
    pub async fn start_tcp() -> Result<Self, TestingError> {
        const ATTEMPTS: usize = 5;
        let mut attempt = 1;
        loop {
            let port = free_port().map_err(TestingError::NoPort)?;
            match start_keeper(port, true).await {
                Ok(keeper) => return Self::with_password(keeper, port).await,
                // Between our look and its start somebody else took the port.
                Err(TestingError::Start { log, .. })
                    if log.contains("could not bind") && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn with_password(keeper: Keeper, port: u16) -> Result<Self, TestingError> {
        let directory = keeper.directory().to_owned();
        let socket = Self::at(Address::Socket { directory, port }, Some(keeper));
        let password = Uuid::new_v4().simple().to_string();
        socket
            .execute(
                "set a password",
                &format!("ALTER ROLE {USER} PASSWORD '{password}'"),
            )
            .await?;
        Ok(Self {
            address: Address::Tcp { port, password },
            ..socket
        })
    }

    async fn given(url: String) -> Result<Self, TestingError> {
        url.parse::<Config>()
            .map_err(|_| TestingError::InvalidUrl)?;
        let cluster = Self::at(Address::Given(url), None);
        remove_leftovers(&cluster.administrator().await?).await;
        Ok(cluster)
    }

    fn at(address: Address, keeper: Option<Keeper>) -> Self {
        Self {
            address,
            keeper,
            templates: Mutex::default(),
        }
    }

    /// The connection string of the database `database` on this server, whether it exists or not.
    /// `postgres` always exists on a throwaway one.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// Holds a throwaway cluster's `data`, its socket and its `log`. None for the server of
    /// `SONIQ_TEST_DATABASE_URL`.
    pub fn directory(&self) -> Option<&Path> {
        self.keeper.as_ref().map(Keeper::directory)
    }

    /// Stops a throwaway server and starts it again, as an administrator does: connections are
    /// ended, and everything is written. Blocks until it takes connections, a second or two.
    ///
    /// # Errors
    ///
    /// [`TestingError::Run`] when `pg_ctl` fails, and for the server of `SONIQ_TEST_DATABASE_URL`.
    pub fn restart(&self) -> Result<(), TestingError> {
        self.restart_as("fast")
    }

    /// As [`Cluster::restart`], but the server ends as in a crash and recovers from its log.
    ///
    /// # Errors
    ///
    /// As for [`Cluster::restart`].
    pub fn crash(&self) -> Result<(), TestingError> {
        self.restart_as("immediate")
    }

    fn restart_as(&self, mode: &str) -> Result<(), TestingError> {
        self.keeper()?.restart(mode)
    }

    /// Who may stop the server.
    pub(super) fn keeper(&self) -> Result<&Keeper, TestingError> {
        self.keeper.as_ref().ok_or_else(|| TestingError::Run {
            program: "pg_ctl",
            source: IoError::other("SONIQ_TEST_DATABASE_URL's server is not ours to restart"),
        })
    }

    /// Creates an empty database.
    ///
    /// # Errors
    ///
    /// [`TestingError::Server`] when the server cannot be reached or refuses.
    pub async fn database(&self) -> Result<Database, TestingError> {
        self.create("template0").await
    }

    /// Creates a database that is a copy of the template `template`. The first call with that name
    /// on this cluster makes the template, by running `setup` with the URL of an empty database;
    /// later calls copy it and never run theirs. A copy takes a few hundredths of a second.
    ///
    /// # Errors
    ///
    /// [`TestingError::Setup`] with the error of `setup`, which the next call runs again;
    /// [`TestingError::Server`] when the server cannot be reached or refuses.
    pub async fn database_from<F, R, E>(
        &self,
        template: &str,
        setup: F,
    ) -> Result<Database, TestingError>
    where
        F: FnOnce(String) -> R,
        R: Future<Output = Result<(), E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let made = {
            // Poisoned means that an insert panicked, for want of memory: the map is still whole.
            let mut templates = self
                .templates
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Arc::clone(templates.entry(template.to_owned()).or_default())
        };
        let original = made
            .get_or_try_init(async || {
                let original = self.database().await?;
                setup(original.url().to_owned())
                    .await
                    .map_err(|error| TestingError::Setup {
                        template: template.to_owned(),
                        source: error.into(),
                    })?;
                self.disconnect_all(original.name()).await?;
                Ok(original)
            })
            .await?;
        self.create(original.name()).await
    }

    async fn create(&self, template: &str) -> Result<Database, TestingError> {
        let database = Database::named_at(&self.address);
        let statement = format!("CREATE DATABASE {} TEMPLATE {template}", database.name());
        self.execute("create a database", &statement).await?;
        Ok(database)
    }

    /// Ends the connections that a setup left open: a database in use cannot be copied.
    async fn disconnect_all(&self, database: &str) -> Result<(), TestingError> {
        const DISCONNECT: &str =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        self.administrator()
            .await?
            .execute(DISCONNECT, &[&database])
            .await
            .map_err(|source| TestingError::Server {
                doing: "finish a template",
                source,
            })?;
        Ok(())
    }

    async fn execute(&self, doing: &'static str, statement: &str) -> Result<(), TestingError> {
        self.administrator()
            .await?
            .batch_execute(statement)
            .await
            .map_err(|source| TestingError::Server { doing, source })
    }

    /// A connection to the database that is not a test's: where databases are created from.
    pub(super) async fn administrator(&self) -> Result<Client, TestingError> {
        let url = match &self.address {
            Address::Given(url) => url.clone(),
            throwaway => throwaway.url("postgres"),
        };
        connect(&url).await
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.directory().display())
    }
}

/// Names the socket where no TCP port is asked for. Every cluster has a directory of its own.
const SOCKET_PORT: u16 = 5432;

async fn start_keeper(port: u16, tcp: bool) -> Result<Keeper, TestingError> {
    let start = move || {
        let installation =
            Installation::find().map_err(|error| TestingError::NoServer(error.to_string()))?;
        Keeper::start(&installation, port, tcp)
    };
    // A caller that goes away leaves the start running; its result is then dropped, and so stopped.
    spawn_blocking(start)
        .await
        .map_err(|_| TestingError::Interrupted)?
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, IoError> {
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    if port == 0 {
        Err(ErrorKind::AddrNotAvailable.into())
    } else {
        Ok(port)
    }
}

/// Connects, with the connection's driver as a task of the current runtime.
pub(super) async fn connect(url: &str) -> Result<Client, TestingError> {
    let failed = |source| TestingError::Server {
        doing: "connect to the server",
        source,
    };
    let config: Config = url.parse().map_err(failed)?;
    let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
    tokio::spawn(async move {
        // The client's next call reports the same.
        let _ = connection.await;
    });
    Ok(client)
}
