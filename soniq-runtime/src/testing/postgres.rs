//! A handle on a throwaway Postgres.

use super::{TestingError, database_from};
use crate::error::Error;
use crate::settings::Settings;
use crate::soniq::Soniq;

/// Databases are copies of this one.
const TEMPLATE: &str = "soniq_runtime_testing";

/// A handle on a fresh database of the shared cluster, set up, with the default settings rather than
/// the environment's. The database is gone when the last clone of the handle is; its URL is in
/// [`Soniq::settings`].
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let soniq = soniq_runtime::testing::postgres().await?;
/// assert!(soniq.stats().await?.queues.is_empty());
/// # Ok(()) }
/// ```
///
/// # Errors
/// As for [`database_from`].
pub async fn postgres() -> Result<Soniq, TestingError> {
    let database = database_from(TEMPLATE, |url| async move {
        let soniq = handle(&url)?;
        soniq.setup().await.map(drop)
    })
    .await?;
    let soniq = handle(database.url()).map_err(|error| TestingError::Setup {
        template: TEMPLATE.to_owned(),
        source: error.into(),
    })?;
    Ok(soniq.keeping(database))
}

fn handle(url: &str) -> Result<Soniq, Error> {
    Soniq::with_settings(Settings {
        database_url: Some(url.to_owned()),
        ..Settings::default()
    })
}
