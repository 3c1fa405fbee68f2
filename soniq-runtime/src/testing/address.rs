//! Where a server is, and the URL of each of its databases.

use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The superuser of every throwaway cluster.
pub(super) const USER: &str = "soniq";

/// How to reach a server.
#[derive(Clone)]
pub(super) enum Address {
    /// Over a Unix socket: `directory/.s.PGSQL.port`. No password is asked for; the directory is
    /// closed to other users.
    Socket { directory: PathBuf, port: u16 },
    /// At 127.0.0.1, which other users of the machine reach too: hence the password.
    Tcp { port: u16, password: String },
    /// A connection string from outside: URL or `key=value` pairs.
    Given(String),
}

impl Address {
    /// The connection string of `database`. Those of a throwaway cluster hold every setting that
    /// variables such as `PGPORT` would otherwise fill in, and are understood by libpq,
    /// `tokio_postgres`, sqlx and asyncpg alike.
    pub(super) fn url(&self, database: &str) -> String {
        match self {
            // Not `postgresql://soniq@/...`: a user with an empty host is no URL to strict readers.
            Self::Socket { directory, port } => format!(
                "postgresql:///{}?host={}&port={port}&user={USER}",
                percent_encoded(database),
                percent_encoded(&directory.to_string_lossy()),
            ),
            Self::Tcp { port, password } => format!(
                "postgresql://{USER}:{}@127.0.0.1:{port}/{}",
                percent_encoded(password),
                percent_encoded(database),
            ),
            Self::Given(text) => with_database(text, database),
        }
    }
}

impl fmt::Debug for Address {
    /// Without what may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket { directory, port } => write!(f, "{}:{port}", directory.display()),
            Self::Tcp { port, .. } => write!(f, "127.0.0.1:{port}"),
            Self::Given(_) => f.write_str("SONIQ_TEST_DATABASE_URL"),
        }
    }
}

/// `text`, a connection string, with its database replaced.
fn with_database(text: &str, database: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        // key=value pairs, of which the last one counts.
        let quoted = database.replace('\\', r"\\").replace('\'', r"\'");
        return format!("{text} dbname='{quoted}'");
    };
    // A password may hold a slash; the host begins after the at sign.
    let host = rest.find('@').map_or(0, |at| at + 1);
    let path = rest[host..]
        .find(['/', '?'])
        .map_or(rest.len(), |found| host + found);
    let mut url = format!("{scheme}://{}/{}", &rest[..path], percent_encoded(database));
    let query = rest[path..].split_once('?').map_or("", |(_, query)| query);
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("dbname="));
    for (index, pair) in kept.enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(pair);
    }
    url
}

/// Everything but letters, digits and `-._~/` as `%XX`. A slash means nothing in the query, where
/// the path of a socket stands, and is better read unencoded; no database of ours has one.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing to a `String` does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
mod tests {
    use super::*;
    use tokio_postgres::Config;
    use tokio_postgres::config::Host;

    #[test]
    fn a_socket_url_is_read_back_whole() {
        let address = Address::Socket {
            directory: "/tmp/a b&c".into(),
            port: 5433,
        };
        let url = address.url("some name");
        assert_eq!(
            url,
            "postgresql:///some%20name?host=/tmp/a%20b%26c&port=5433&user=soniq"
        );

        let config: Config = url.parse().unwrap();
        assert_eq!(config.get_hosts(), [Host::Unix("/tmp/a b&c".into())]);
        assert_eq!(config.get_ports(), [5433]);
        assert_eq!(config.get_dbname(), Some("some name"));
        assert_eq!(config.get_user(), Some("soniq"));
    }

    #[test]
    fn the_database_of_a_given_string_is_replaced() {
        for (given, expected) in [
            ("postgres://h", "postgres://h/new"),
            ("postgres://u:p/w@h:1/old", "postgres://u:p/w@h:1/new"),
            (
                "postgres://h/old?sslmode=prefer",
                "postgres://h/new?sslmode=prefer",
            ),
            (
                "postgres:///old?host=/run&dbname=older&user=u",
                "postgres:///new?host=/run&user=u",
            ),
            ("postgres://h?user=u", "postgres://h/new?user=u"),
            (
                "host=h dbname=old user=u",
                "host=h dbname=old user=u dbname='new'",
            ),
        ] {
            let url = with_database(given, "new");
            assert_eq!(url, expected);
            assert_eq!(
                url.parse::<Config>().unwrap().get_dbname(),
                Some("new"),
                "{url}"
            );
        }
    }

    #[test]
    fn debug_holds_no_password() {
        let addresses = [
            Address::Tcp {
                port: 1,
                password: "secret".to_owned(),
            },
            Address::Given("postgres://u:secret@h/d".to_owned()),
        ];
        assert_eq!(
            format!("{addresses:?}"),
            "[127.0.0.1:1, SONIQ_TEST_DATABASE_URL]"
        );
    }
}
