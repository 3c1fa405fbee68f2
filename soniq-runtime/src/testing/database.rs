//! One database for one test.

use std::fmt;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::Client;
use uuid::Uuid;

use super::TestingError;
use super::address::Address;
use super::cluster::connect;

/// Marks the databases of the test kit, on a server that others use too. A `UUIDv7` follows, which
/// tells when the database was made.
const PREFIX: &str = "soniq_test_";

/// A database that only its owner uses.
///
/// On a throwaway cluster it goes with the cluster. On the server of `SONIQ_TEST_DATABASE_URL` it is
/// dropped with the value, connections to it notwithstanding; templates, and what a killed process
/// left, are dropped there by a later run once they are a day old.
pub struct Database {
    name: String,
    url: String,
    /// Where to drop it from. None where it goes with the cluster.
    administrator_url: Option<String>,
}

impl Database {
    /// A name that nobody else has, at `address`. Creates nothing.
    pub(super) fn named_at(address: &Address) -> Self {
        let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
        let administrator_url = match address {
            Address::Given(url) => Some(url.clone()),
            // Dropping each costs a checkpoint, and soon everything is removed at once.
            Address::Socket { .. } | Address::Tcp { .. } => None,
        };
        Self {
            url: address.url(&name),
            name,
            administrator_url,
        }
    }

    /// Its connection string, as [`Cluster::url`](super::Cluster::url) gives it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Connects to it, without TLS. The connection's driver is a task of the current runtime and
    /// ends with the client.
    ///
    /// # Errors
    ///
    /// [`TestingError::Server`] when the server cannot be reached.
    pub async fn connect(&self) -> Result<Client, TestingError> {
        connect(&self.url).await
    }
}

impl fmt::Debug for Database {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(10);

        let Some(url) = self.administrator_url.take() else {
            return;
        };
        let statement = drop_statement(&self.name);
        // A thread, since the runtime of this one may be the very thing that is shutting down; and
        // waited for, since the process may be about to end. What fails here, a later run mends.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let dropped = async {
                    let client = connect(&url).await.ok()?;
                    client.batch_execute(&statement).await.ok()
                };
                let _ = tokio::time::timeout(PATIENCE, dropped).await;
            });
            Ok::<_, std::io::Error>(())
        });
        let _ = dropping.join();
    }
}

/// Drops what runs that were killed left behind on a server that is not ours. Best effort: another
/// process may be at the same, and the databases may belong to another role.
pub(super) async fn remove_leftovers(administrator: &Client) {
    const UNUSED: &str = "SELECT datname FROM pg_database d WHERE datname LIKE $1 \
                          AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datid = d.oid)";
    let pattern = format!("{}%", PREFIX.replace('_', r"\_"));
    let found = administrator
        .query(UNUSED, &[&pattern])
        .await
        .unwrap_or_default();
    let names = found
        .iter()
        .filter_map(|row| row.try_get::<_, String>(0).ok());
    for name in names.filter(|name| is_leftover(name, SystemTime::now())) {
        let _ = administrator.batch_execute(&drop_statement(&name)).await;
    }
}

/// Whether the name is one of ours and a day old at `now`.
fn is_leftover(name: &str, now: SystemTime) -> bool {
    const AGE: Duration = Duration::from_secs(24 * 60 * 60);
    let made = name
        .strip_prefix(PREFIX)
        .and_then(|id| Uuid::try_parse(id).ok())
        .and_then(|id| id.get_timestamp())
        .map(|made| {
            let (seconds, nanoseconds) = made.to_unix();
            UNIX_EPOCH + Duration::new(seconds, nanoseconds)
        });
    made.is_some_and(|made| now.duration_since(made).is_ok_and(|age| age > AGE))
}

/// `FORCE` ends the connections that a test left open. The name is ours: it needs no quotes.
fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_databases_of_ours_are_leftovers() {
        let socket = Address::Socket {
            directory: "/tmp".into(),
            port: 1,
        };
        let name = Database::named_at(&socket).name().to_owned();
        let now = SystemTime::now();
        let hours = |count: u64| now + Duration::from_secs(count * 60 * 60);

        assert!(!is_leftover(&name, now));
        assert!(!is_leftover(&name, hours(23)));
        assert!(is_leftover(&name, hours(25)));
        assert!(!is_leftover("soniq_test_mine", hours(25)));
        assert!(!is_leftover("soniq_production", hours(25)));
    }

    #[test]
    fn debug_holds_no_password() {
        let given = Address::Given("postgres://u:secret@127.0.0.1:1/d".to_owned());
        let mut database = Database::named_at(&given);
        assert!(!format!("{database:?}").contains("secret"));
        // Nothing to drop, and nobody listens there.
        database.administrator_url = None;
    }
}
