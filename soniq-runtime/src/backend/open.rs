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
