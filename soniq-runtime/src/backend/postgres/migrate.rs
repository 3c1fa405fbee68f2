//! Applies the schema's history, and tells whether a database has it.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};

use super::connect::{Connections, failed};
use super::waits::{self, Patience};
use crate::advisory;
use crate::error::Error;
use crate::migrations::{self, MIGRATIONS, MigrationState, MigrationStatus};

const CREATE_HISTORY: &str = include_str!("sql/create_history.sql");
const APPLIED: &str = include_str!("sql/applied_migrations.sql");
const HISTORY: &str = include_str!("sql/list_migrations.sql");
const RECORD: &str = include_str!("sql/record_migration.sql");
const HISTORY_EXISTS: &str = include_str!("sql/history_exists.sql");
const LOCK: &str = include_str!("sql/lock.sql");

const READING: &str = "reading the schema's version";

const SETTING_UP: &str = "setting up the database";

/// Applies what is missing, in one transaction under the lock that every Soniq's migrator takes.
pub(crate) async fn setup(
    connections: &Connections,
    patience: Patience,
) -> Result<Vec<String>, Error> {
    waits::bounded(connections, patience, SETTING_UP, &(), |transaction, ()| {
        Box::pin(apply(transaction))
    })
    .await
}

async fn apply(transaction: &Transaction<'_>) -> Result<Vec<String>, Error> {
    let doing = SETTING_UP;
    transaction
        .query_typed(LOCK, &[(&advisory::migrations(), Type::INT8)])
        .await
        .map_err(failed(doing))?;
    transaction
        .batch_execute(CREATE_HISTORY)
        .await
        .map_err(failed(doing))?;
    let applied = applied(transaction).await?;
    refuse_what_needs_more(&applied)?;
    let mut done = Vec::new();
    for migration in MIGRATIONS {
        if applied.contains(migration.version) {
            continue;
        }
        transaction
            .batch_execute(migration.sql)
            .await
            .map_err(failed(doing))?;
        transaction
            .execute_typed(
                RECORD,
                &[
                    (&migration.version, Type::TEXT),
                    (&migration.name, Type::TEXT),
                ],
            )
            .await
            .map_err(failed(doing))?;
        done.push(format!("{}_{}", migration.version, migration.name));
    }
    Ok(done)
}

/// Fails unless the database has this release's schema, or more that this release can do without.
pub(crate) async fn check(client: &impl GenericClient) -> Result<(), Error> {
    if !history_exists(client).await? {
        return Err(Error::NotSetUp {
            found: "it has no Soniq tables".to_owned(),
        });
    }
    let applied = applied(client).await?;
    refuse_what_needs_more(&applied)?;
    let missing: Vec<&str> = MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .filter(|version| !applied.contains(*version))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::NotSetUp {
        found: format!("it lacks schema version {}", missing.join(", ")),
    })
}

/// Every step that this release or the database knows, by version.
pub(crate) async fn history(client: &impl GenericClient) -> Result<Vec<MigrationStatus>, Error> {
    let mut known: BTreeMap<String, MigrationStatus> = MIGRATIONS
        .iter()
        .map(|migration| (migration.version.to_owned(), migration.missing()))
        .collect();
    if !history_exists(client).await? {
        return Ok(known.into_values().collect());
    }
    let rows = client
        .query_typed(HISTORY, &[])
        .await
        .map_err(failed(READING))?;
    for row in &rows {
        let version: String = row.get("version");
        let state = if known.contains_key(&version) {
            MigrationState::Applied
        } else if migrations::is_newer(&version) {
            MigrationState::Newer
        } else {
            MigrationState::Foreign
        };
        let status = MigrationStatus {
            version: version.clone(),
            name: row.get("name"),
            state,
            applied_at: row.get("applied_at"),
        };
        known.insert(version, status);
    }
    Ok(known.into_values().collect())
}

async fn history_exists(client: &impl GenericClient) -> Result<bool, Error> {
    let row = client
        .query_typed_one(HISTORY_EXISTS, &[])
        .await
        .map_err(failed(READING))?;
    Ok(row.get(0))
}

async fn applied(client: &impl GenericClient) -> Result<BTreeSet<String>, Error> {
    let rows = client
        .query_typed(APPLIED, &[])
        .await
        .map_err(failed(READING))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn refuse_what_needs_more(applied: &BTreeSet<String>) -> Result<(), Error> {
    match applied
        .iter()
        .rev()
        .find(|version| migrations::needs_newer_release(version))
    {
        None => Ok(()),
        Some(found) => Err(Error::SchemaTooNew {
            found: found.clone(),
            known: migrations::NEWEST,
        }),
    }
}
