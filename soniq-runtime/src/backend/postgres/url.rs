//! The database URL: what the driver reads, and the `sslmode`s that it does not know.

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::error::Error;

/// How far a server's certificate is checked, as in libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    /// `disable`, `allow`, `prefer`, `require`: encrypted where asked for, not authenticated.
    No,
    /// `verify-ca`: signed by a known authority.
    Authority,
    /// `verify-full`: and issued for this host.
    Full,
}

/// A database URL, read.
#[derive(Clone)]
#[cfg_attr(
    not(feature = "tls"),
    expect(dead_code, reason = "how a certificate is checked is for TLS to ask")
)]
pub(crate) struct DatabaseUrl {
    pub(crate) config: Config,
    pub(crate) verify: Verify,
    /// `sslrootcert`: a PEM file; `None` is the system's store.
    pub(crate) root_cert: Option<String>,
}

impl DatabaseUrl {
    /// Reads a `postgres://` URL or a `key=value` string.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::DatabaseUrl {
            reason: reason.to_owned(),
        };
        let text = text.trim();
        if let Some((scheme, _)) = text.split_once("://")
            && is_scheme(scheme)
            && !matches!(scheme, "postgres" | "postgresql")
        {
            return Err(bad(&format!(
                "its scheme is {scheme:?}, this release knows postgres://, sqlite://path and, for \
                 tests, memory:"
            )));
        }
        let (rest, sslmode) = take_option(text, "sslmode");
        let (rest, root_cert) = take_option(&rest, "sslrootcert");
        // The driver's message can quote the text it was given, password included: it is left out.
        let mut config: Config = rest.parse().map_err(|_| {
            bad(
                "expected postgres://user:password@host:port/database?option=value, with special \
                 characters of the password percent-encoded; or sqlite://path",
            )
        })?;
        let (mode, verify) = match sslmode.as_deref() {
            None | Some("prefer" | "allow") => (SslMode::Prefer, Verify::No),
            Some("disable") => (SslMode::Disable, Verify::No),
            Some("require") => (SslMode::Require, Verify::No),
            Some("verify-ca") => (SslMode::Require, Verify::Authority),
            Some("verify-full") => (SslMode::Require, Verify::Full),
            Some(other) => {
                return Err(bad(&format!(
                    "sslmode is {other:?}, it can be disable, prefer, require, verify-ca or \
                     verify-full"
                )));
            }
        };
        config.ssl_mode(mode);
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if config.get_application_name().is_none() {
            config.application_name("soniq");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        // A peer that vanished without a word is noticed in well under a minute.
        config.keepalives_idle(std::time::Duration::from_secs(5));
        config.keepalives_interval(std::time::Duration::from_secs(5));
        config.keepalives_retries(3);
        // Keepalives do not run while sent data waits for its acknowledgement. A worker must be back
        // before the server has given up the old connection and the lock with it: that takes 20 s
        // from the last beat, and the next one was sent after 5.
        config.tcp_user_timeout(std::time::Duration::from_secs(10));
        Ok(DatabaseUrl {
            config,
            verify,
            root_cert,
        })
    }

    /// Where it points, for people: no user, no password.
    pub(crate) fn address(&self) -> String {
        let ports = self.config.get_ports();
        let addresses: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .enumerate()
            .map(|(index, host)| {
                let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
                match host {
                    Host::Tcp(name) => format!("{name}:{port}"),
                    #[cfg(unix)]
                    Host::Unix(path) => format!("{} (port {port})", path.display()),
                }
            })
            .collect();
        addresses.join(", ")
    }
}

/// Whether this can be a URL's scheme (RFC 3986, 3.1). In a `key=value` string a value may hold
/// `://`, and what comes before it may hold the password.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Takes `name=value` out of a URL's query, or out of a `key=value` string.
fn take_option(text: &str, name: &str) -> (String, Option<String>) {
    let mut found = None;
    let mut take = |pair: &&str| match pair.split_once('=') {
        Some((key, value)) if key == name => {
            found = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
            false
        }
        _ => true,
    };
    let is_url = text
        .split_once("://")
        .is_some_and(|(scheme, _)| is_scheme(scheme));
    let rest = if is_url {
        match text.split_once('?') {
            None => text.to_owned(),
            Some((base, query)) => {
                let kept: Vec<&str> = query.split('&').filter(|pair| take(pair)).collect();
                if kept.is_empty() {
                    base.to_owned()
                } else {
                    format!("{base}?{}", kept.join("&"))
                }
            }
        }
    } else {
        let kept: Vec<&str> = text.split(' ').filter(|pair| take(pair)).collect();
        kept.join(" ")
    };
    (rest, found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn ssl_modes_are_those_of_libpq() {
        for (mode, ssl_mode, verify) in [
            ("disable", SslMode::Disable, Verify::No),
            ("prefer", SslMode::Prefer, Verify::No),
            ("require", SslMode::Require, Verify::No),
            ("verify-ca", SslMode::Require, Verify::Authority),
            ("verify-full", SslMode::Require, Verify::Full),
        ] {
            let url = format!("postgres://u:p@h:5433/d?sslmode={mode}&connect_timeout=3");
            let read = DatabaseUrl::parse(&url).unwrap();
            assert_eq!(read.config.get_ssl_mode(), ssl_mode);
            assert_eq!(read.verify, verify);
            assert_eq!(read.address(), "h:5433");
        }
        let read = DatabaseUrl::parse("host=h sslmode=verify-full sslrootcert=/ca.pem").unwrap();
        assert_eq!(read.root_cert.as_deref(), Some("/ca.pem"));
    }

    #[test]
    fn a_value_of_a_given_string_may_look_like_a_url() {
        let text = "host=h application_name=http://x sslmode=disable";
        let read = DatabaseUrl::parse(text).unwrap();
        assert_eq!(read.config.get_application_name(), Some("http://x"));
        assert_eq!(read.config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn a_bad_url_is_told_without_its_password() {
        for url in [
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h:port/d",
            "postgres://u:hunter2@h/d?sslmode=sometimes",
            "postgres://u:hunter2@h/d?no_such_option=1",
            "host=h password=hunter2 sslmode=sometimes application_name=http://x",
            "password=hunter2 no_such_option=http://x",
        ] {
            let Err(error) = DatabaseUrl::parse(url) else {
                panic!("{url} was accepted");
            };
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
