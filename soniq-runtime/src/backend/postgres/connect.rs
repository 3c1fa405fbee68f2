//! Connections: a pool for statements, and single ones for sessions.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, Socket};

use super::repeated::{Plans, Repeated};
use super::tls::{self, Connector};
use super::url::DatabaseUrl;
use crate::error::Error;

type Stream = <Connector as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream;

/// How this process reaches one database.
pub(crate) struct Connections {
    url: DatabaseUrl,
    connector: Connector,
    pool: Pool,
    plans: Plans,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("address", &self.url.address())
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// Reads the URL; connects to nothing yet.
    pub(crate) fn new(url: &str, max_connections: usize) -> Result<Self, Error> {
        Self::with_plans(url, max_connections, Plans::new())
    }

    /// [`Connections::new`], for a pool that shares what is known of its address with another.
    pub(crate) fn with_plans(
        url: &str,
        max_connections: usize,
        plans: Plans,
    ) -> Result<Self, Error> {
        let url = DatabaseUrl::parse(url)?;
        let connector = tls::connector(&url)?;
        let manager = Manager::from_config(
            url.config.clone(),
            connector.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(max_connections)
            .build()
            .map_err(|error| Error::DatabaseUrl {
                reason: format!("no pool can be made of it: {error}"),
            })?;
        Ok(Connections {
            url,
            connector,
            pool,
            plans,
        })
    }

    /// A pooled connection.
    pub(crate) async fn get(&self) -> Result<Object, Error> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => self.refused(&error),
            other => Error::Connect {
                address: self.url.address(),
                reason: other.to_string(),
            },
        })
    }

    /// `client`, of this pool, for statements that are repeated.
    pub(crate) fn repeated<'a>(&'a self, client: &'a Object) -> Repeated<'a> {
        Repeated {
            client,
            plans: &self.plans,
            caches: &self.pool.manager().statement_caches,
        }
    }

    /// What is known of plans on these connections.
    pub(crate) fn plans(&self) -> &Plans {
        &self.plans
    }

    /// A connection outside the pool, with the half that must be polled.
    pub(crate) async fn single(&self) -> Result<(Client, Connection<Socket, Stream>), Error> {
        self.url
            .config
            .connect(self.connector.clone())
            .await
            .map_err(|error| self.refused(&error))
    }

    /// [`Connections::single`], polled until the client is dropped.
    pub(crate) async fn client(&self) -> Result<Client, Error> {
        let (client, connection) = self.single().await?;
        // What ends it early, the client's next call reports.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    /// The server did not answer within `patience`.
    pub(crate) fn silent(&self, patience: Duration) -> Error {
        Error::Connect {
            address: self.url.address(),
            reason: format!("no answer within {} s", patience.as_secs()),
        }
    }

    fn refused(&self, error: &tokio_postgres::Error) -> Error {
        Error::Connect {
            address: self.url.address(),
            reason: reason(error),
        }
    }
}

/// What a driver's error says, in one line: the server's words where it spoke.
pub(crate) fn reason(error: &tokio_postgres::Error) -> String {
    if let Some(server) = error.as_db_error() {
        let mut text = format!("{} ({})", server.message(), server.code().code());
        if let Some(hint) = server.hint() {
            text.push_str("; hint: ");
            text.push_str(hint);
        }
        return text;
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Whether a statement over many rows may do better without some of them: a constraint, a trigger, a
/// lock or a time limit refused it. Not so where no row is to blame: the connection, a privilege, a
/// missing table, a server that stops, is read-only or short of something.
pub(crate) fn is_of_a_row(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code().map(SqlState::code) else {
        return false;
    };
    let class = code.get(..2).unwrap_or_default();
    !["08", "25", "42", "53", "58", "XX"].contains(&class) && !code.starts_with("57P")
}

/// An error of a statement, told apart from a database that was never set up.
pub(crate) fn failed(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> Error {
    move |error| match error.code() {
        Some(code) if means_not_set_up(code.code()) => Error::NotSetUp {
            found: reason(&error),
        },
        _ => Error::Database {
            doing,
            reason: reason(&error),
            source: Box::new(error),
        },
    }
}

/// The tables, or a column or sequence of ours, are not there.
pub(super) fn means_not_set_up(code: &str) -> bool {
    [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::UNDEFINED_FUNCTION,
    ]
    .iter()
    .any(|state| state.code() == code)
}
