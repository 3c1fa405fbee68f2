//! Which store a database URL means.

use std::sync::Arc;

use super::Backend;
#[cfg(feature = "testing")]
use super::memory::Memory;
use super::postgres::Postgres;
#[cfg(feature = "sqlite")]
use super::sqlite::Sqlite;
use crate::error::Error;
use crate::settings::Settings;

/// The store at `url`; connects to nothing yet.
pub(crate) fn open(url: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    let url = url.trim();
    if let Some(path) = url.strip_prefix("sqlite:") {
        return open_sqlite(path, settings);
    }
    if let Some(name) = url.strip_prefix("memory:") {
        return open_memory(name, settings);
    }
    Ok(Arc::new(Postgres::new(url, settings)?))
}

/// `path` is the path as it is, nothing in it encoded, after two slashes.
#[cfg(feature = "sqlite")]
fn open_sqlite(path: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    let bad = |reason: &str| Error::DatabaseUrl {
        reason: reason.to_owned(),
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path == ":memory:" {
        return Err(bad(
            "a file is shared by connections: for tests there is memory:",
        ));
    }
    if path.is_empty() || path.contains('?') {
        return Err(bad(
            "expected sqlite://path, relative as sqlite://soniq.db or absolute as \
             sqlite:///var/lib/app/soniq.db, and no options",
        ));
    }
    Ok(Arc::new(Sqlite::new(path.into(), settings)))
}

#[cfg(not(feature = "sqlite"))]
fn open_sqlite(_: &str, _: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    Err(Error::DatabaseUrl {
        reason: "sqlite:// needs the feature `sqlite` of soniq-runtime, which this program was \
                 built without"
            .to_owned(),
    })
}

#[cfg(feature = "testing")]
#[expect(clippy::unnecessary_wraps, reason = "as without the feature")]
fn open_memory(name: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    Ok(Arc::new(Memory::open(name, settings)))
}

#[cfg(not(feature = "testing"))]
fn open_memory(_: &str, _: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    Err(Error::DatabaseUrl {
        reason: "`memory:` is for tests: it needs the feature `testing` of soniq-runtime"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        let opened = open(url, Arc::new(Settings::default()));
        let Err(error) = opened else {
            panic!("{url} was accepted");
        };
        error.to_string()
    }

    #[test]
    fn an_unknown_scheme_is_told_with_the_known_ones() {
        let error = refusal("mysql://u:hunter2@h/d");
        for known in ["\"mysql\"", "postgres://", "sqlite://path", "memory:"] {
            assert!(error.contains(known), "{error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_sqlite_url_is_a_path() {
        let settings = Arc::new(Settings::default());
        for (url, path) in [
            ("sqlite://soniq.db", "\"soniq.db\""),
            ("sqlite://data/soniq.db", "\"data/soniq.db\""),
            (" sqlite:///var/lib/a b/50%.db ", "\"/var/lib/a b/50%.db\""),
        ] {
            let opened = open(url, Arc::clone(&settings));
            let shown = opened.map(|backend| format!("{backend:?}"));
            assert!(shown.is_ok_and(|text| text.contains(path)), "{url}");
        }
        for url in ["sqlite:", "sqlite://", "sqlite://a.db?mode=ro"] {
            assert!(refusal(url).contains("sqlite:///var/lib"), "{url}");
        }
        assert!(refusal("sqlite://:memory:").contains("there is memory:"));
    }

    #[cfg(not(feature = "sqlite"))]
    #[test]
    fn a_scheme_that_is_off_is_told_with_its_feature() {
        assert!(refusal("sqlite://soniq.db").contains("feature `sqlite`"));
    }

    #[cfg(not(feature = "testing"))]
    #[test]
    fn memory_is_told_with_its_feature() {
        assert!(refusal("memory:").contains("feature `testing`"));
    }
}
