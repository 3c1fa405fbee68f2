//! Maintenance: what some process must do now and then.
//!
//! Each duty is a transaction of its own, those that delete of at most [`BATCH`] rows: nobody waits
//! for the file for long. A duty that fails stops no other.

use std::time::Duration;

use rusqlite::params;

use super::failure::Failure;
use super::file::{Change, File};
use super::rescue;
use crate::backend::Maintained;
use crate::error::Error;

const DELETE_EXPIRED: &str = include_str!("sql/delete_expired_jobs.sql");
const DELETE_DEAD_LETTERS: &str = include_str!("sql/delete_outdated_dead_letters.sql");
const DELETE_REGISTRY: &str = include_str!("sql/delete_registry.sql");

/// Rows of one transaction.
const BATCH: usize = 1000;

/// How long the registry keeps what a worker said that has no row.
const UNLISTED: Duration = Duration::from_secs(3600);

/// One pass over all duties.
pub(crate) async fn maintain(
    file: &File,
    default_max_attempts: i32,
    dead_letter_retention: Option<Duration>,
) -> Result<Maintained, Error> {
    let rescued = file.change("rescuing orphaned jobs", move |change| {
        rescue::rescue_orphans(change, default_max_attempts)
    });
    let rescued = rescued.await;
    let unlisted = sweep(file, "sweeping the task registry", |change| {
        delete(change, DELETE_REGISTRY, UNLISTED)
    });
    let unlisted = unlisted.await;
    let expired = sweep(file, "deleting finished jobs", |change| {
        delete(change, DELETE_EXPIRED, Duration::ZERO)
    });
    let expired = expired.await;
    let purged = match dead_letter_retention {
        Some(retention) => {
            let purged = sweep(file, "deleting old dead letters", move |change| {
                delete(change, DELETE_DEAD_LETTERS, retention)
            });
            purged.await
        }
        None => Ok(0),
    };
    Ok(Maintained {
        rescued: told(rescued),
        expired: {
            told(unlisted);
            told(expired)
        },
        purged: told(purged),
    })
}

/// Deletes in batches; how many rows.
async fn sweep(
    file: &File,
    doing: &'static str,
    delete: impl Fn(&Change<'_>) -> Result<usize, Failure> + Copy + Send + 'static,
) -> Result<u64, Error> {
    let mut deleted = 0;
    loop {
        let rows = file.change(doing, delete).await?;
        deleted += rows as u64;
        if rows < BATCH {
            return Ok(deleted);
        }
    }
}

fn delete(change: &Change<'_>, statement: &str, older_than: Duration) -> Result<usize, Failure> {
    let mut statement = change.prepare_cached(statement)?;
    let before = change.now.minus(older_than);
    Ok(statement.execute(params![before, i64::try_from(BATCH).unwrap_or(i64::MAX)])?)
}

fn told<T: Default>(done: Result<T, Error>) -> T {
    done.unwrap_or_else(|error| {
        tracing::warn!(%error, "a duty of maintenance failed; trying again with the next pass");
        T::default()
    })
}
