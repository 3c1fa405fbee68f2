//! Which store a database URL means.

use std::sync::Arc;

use super::Backend;
#[cfg(feature = "testing")]
use super::memory::Memory;
use super::postgres::Postgres;
use crate::error::Error;
use crate::settings::Settings;

/// The store at `url`; connects to nothing yet.
pub(crate) fn open(url: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    if let Some(name) = url.trim().strip_prefix("memory:") {
        return open_memory(name, settings);
    }
    Ok(Arc::new(Postgres::new(url, settings)?))
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
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn refused(url: &str) -> String {
        open(url, Arc::default()).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn a_scheme_that_nobody_knows_is_told_with_those_that_are_known() {
        let told = refused("mysql://localhost/app");
        assert!(told.contains("mysql") && told.contains("postgres://") && told.contains("memory:"));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn memory_is_a_store_with_the_feature() {
        for url in ["memory:", "memory:orders"] {
            let store = open(url, Arc::default()).unwrap();
            assert!(store.as_memory().is_some(), "{url}");
        }
    }

    #[cfg(not(feature = "testing"))]
    #[test]
    fn memory_without_the_feature_names_it() {
        assert!(refused("memory:").contains("feature `testing`"));
    }
}
