//! Deletes rows in batches, and goes around those that cannot be deleted.

use std::fmt::Display;
use std::time::Duration;

use tokio_postgres::types::{FromSqlOwned, ToSql, Type};
use tokio_postgres::{Client, Transaction};

use super::super::connect::{failed, is_of_a_row, reason};
use super::super::times::seconds;
use super::{BATCH, MOST_REFUSED, begin};
use crate::error::Error;

/// A duty that deletes.
pub(super) struct Sweep {
    pub(super) doing: &'static str,
    /// Keys of rows to delete: at most `$1`, none of `$2`, `$3` seconds old.
    pub(super) find: &'static str,
    /// Deletes the rows with the keys `$1`.
    pub(super) delete: &'static str,
    /// The type of an array of keys.
    pub(super) keys: Type,
    pub(super) older_than: Option<Duration>,
}

/// Keys that could not be deleted, and why the first of them.
#[derive(Debug)]
struct Refused<K> {
    keys: Vec<K>,
    first: String,
}

impl Sweep {
    /// How many rows were deleted. Ends early when another process takes the maintenance lock
    /// between two batches.
    pub(super) async fn run<K>(self, client: &mut Client) -> Result<u64, Error>
    where
        K: ToSql + FromSqlOwned + Clone + Display + Send + Sync,
    {
        let mut refused = Refused {
            keys: Vec::new(),
            first: String::new(),
        };
        let mut deleted = 0;
        while let Some(mut transaction) = begin(client).await? {
            let found = self.find::<K>(&transaction, &refused.keys).await?;
            if found.is_empty() {
                break;
            }
            deleted += self.delete(&mut transaction, &found, &mut refused).await?;
            transaction.commit().await.map_err(failed(self.doing))?;
            if refused.keys.len() > MOST_REFUSED {
                break;
            }
        }
        if let Some(first) = refused.keys.first() {
            tracing::warn!(
                rows = refused.keys.len(),
                %first,
                reason = refused.first,
                "{} was refused; trying again with the next pass",
                self.doing
            );
        }
        Ok(deleted)
    }

    async fn find<K>(&self, transaction: &Transaction<'_>, but: &[K]) -> Result<Vec<K>, Error>
    where
        K: ToSql + FromSqlOwned + Sync,
    {
        let age = self.older_than.map(seconds);
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> =
            vec![(&BATCH, Type::INT8), (&but, self.keys.clone())];
        if let Some(age) = &age {
            parameters.push((age, Type::FLOAT8));
        }
        let rows = transaction
            .query_typed(self.find, &parameters)
            .await
            .map_err(failed(self.doing))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Deletes what can be: all at once, and where that is refused each half by itself, down to
    /// the single row that is to blame.
    async fn delete<K>(
        &self,
        transaction: &mut Transaction<'_>,
        keys: &[K],
        refused: &mut Refused<K>,
    ) -> Result<u64, Error>
    where
        K: ToSql + Clone + Sync,
    {
        let mut deleted = 0;
        let mut parts = vec![keys];
        while let Some(part) = parts.pop() {
            let savepoint = transaction
                .transaction()
                .await
                .map_err(failed(self.doing))?;
            let done = savepoint
                .execute_typed(self.delete, &[(&part, self.keys.clone())])
                .await;
            match done {
                Ok(rows) => {
                    savepoint.commit().await.map_err(failed(self.doing))?;
                    deleted += rows;
                }
                Err(error) if is_of_a_row(&error) => {
                    savepoint.rollback().await.map_err(failed(self.doing))?;
                    if part.len() > 1 {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                        continue;
                    }
                    if refused.keys.is_empty() {
                        refused.first = reason(&error);
                    }
                    refused.keys.extend_from_slice(part);
                }
                Err(error) => return Err(failed(self.doing)(error)),
            }
        }
        Ok(deleted)
    }
}
