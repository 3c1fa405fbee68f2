//! Which store a database URL means.

use std::sync::Arc;

use super::Backend;
use super::postgres::Postgres;
use crate::error::Error;
use crate::settings::Settings;

/// The store at `url`; connects to nothing yet.
pub(crate) fn open(url: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    if let Some(path) = url.trim().strip_prefix("sqlite:") {
        return open_sqlite(path, settings);
    }
    Ok(Arc::new(Postgres::new(url, settings)?))
}

/// What follows `sqlite:`, as `//jobs.db` or `///var/lib/app/jobs.db`: a path, not percent-encoded.
#[cfg(feature = "sqlite")]
fn open_sqlite(path: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') {
        return Err(Error::DatabaseUrl {
            reason: "expected sqlite://path/to/file, or sqlite:///path from the root".to_owned(),
        });
    }
    Ok(Arc::new(super::sqlite::Sqlite::new(path.into(), settings)))
}

#[cfg(not(feature = "sqlite"))]
fn open_sqlite(_: &str, _: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    Err(Error::DatabaseUrl {
        reason: "`sqlite:` needs the feature `sqlite` of soniq-runtime, which this program was \
                 built without"
            .to_owned(),
    })
}
