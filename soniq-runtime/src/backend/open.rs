//! Which store a database URL means.

use std::sync::Arc;

use super::Backend;
use super::postgres::Postgres;
use crate::error::Error;
use crate::settings::Settings;

/// The store at `url`; connects to nothing yet.
pub(crate) fn open(url: &str, settings: Arc<Settings>) -> Result<Arc<dyn Backend>, Error> {
    Ok(Arc::new(Postgres::new(url, settings)?))
}
