//! Applies the schema's history, and tells whether a file has it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::failure::Failure;
use super::file::Change;
use super::values::Time;
use crate::error::Error;
use crate::migrations::{Migration, MigrationState, MigrationStatus};

const CREATE_HISTORY: &str = include_str!("sql/create_history.sql");
const HISTORY_EXISTS: &str = include_str!("sql/history_exists.sql");
const HISTORY: &str = "SELECT version, name, applied_at FROM soniq_migrations";
const RECORD: &str = "INSERT INTO soniq_migrations (version, name, applied_at) VALUES (?1, ?2, ?3)";

/// All steps, in order. The history is this dialect's own: no other Soniq knows these files.
const MIGRATIONS: &[Migration] = &[Migration {
    version: "0001",
    name: "tables",
    sql: include_str!("schema/0001_tables.sql"),
}];

/// The newest version that this release knows.
const NEWEST: &str = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Applies what is missing; what that was.
pub(crate) fn setup(change: &Change<'_>) -> Result<Vec<String>, Failure> {
    change.execute_batch(CREATE_HISTORY)?;
    let applied = applied(change)?;
    refuse_what_needs_more(&applied)?;
    let mut done = Vec::new();
    for migration in MIGRATIONS {
        if applied.contains_key(migration.version) {
            continue;
        }
        change.execute_batch(migration.sql)?;
        let recorded = params![migration.version, migration.name, change.now];
        change.execute(RECORD, recorded)?;
        done.push(format!("{}_{}", migration.version, migration.name));
    }
    Ok(done)
}

/// Fails unless the file has this release's schema, or more that this release can do without.
pub(crate) fn check(connection: &Connection) -> Result<(), Failure> {
    if !history_exists(connection)? {
        return Err(Failure::Other(Error::NotSetUp {
            found: "it has no Soniq tables".to_owned(),
        }));
    }
    let applied = applied(connection)?;
    refuse_what_needs_more(&applied)?;
    let missing: Vec<&str> = MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .filter(|version| !applied.contains_key(*version))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Other(Error::NotSetUp {
        found: format!("it lacks schema version {}", missing.join(", ")),
    }))
}

/// Every step, in a file that is not there.
pub(crate) fn nothing() -> Vec<MigrationStatus> {
    MIGRATIONS.iter().map(|step| step.missing()).collect()
}

/// Every step that this release or the file knows, by version.
pub(crate) fn history(connection: &Connection) -> Result<Vec<MigrationStatus>, Failure> {
    if !history_exists(connection)? {
        return Ok(nothing());
    }
    let mut known = applied(connection)?;
    for migration in MIGRATIONS {
        let missing = || migration.missing();
        known
            .entry(migration.version.to_owned())
            .or_insert_with(missing);
    }
    Ok(known.into_values().collect())
}

fn history_exists(connection: &Connection) -> Result<bool, Failure> {
    Ok(connection.query_row(HISTORY_EXISTS, [], |row| row.get(0))?)
}

fn applied(connection: &Connection) -> Result<BTreeMap<String, MigrationStatus>, Failure> {
    let mut statement = connection.prepare(HISTORY)?;
    let rows = statement.query_map([], |row| {
        let version: String = row.get("version")?;
        let is_known = MIGRATIONS.iter().any(|known| known.version == version);
        Ok(MigrationStatus {
            version,
            name: row.get("name")?,
            state: if is_known {
                MigrationState::Applied
            } else {
                MigrationState::Newer
            },
            applied_at: row.get::<_, Option<Time>>("applied_at")?.map(|time| time.0),
        })
    })?;
    let by_version = |step: MigrationStatus| (step.version.clone(), step);
    Ok(rows
        .map(|row| row.map(by_version))
        .collect::<Result<_, _>>()?)
}

fn refuse_what_needs_more(applied: &BTreeMap<String, MigrationStatus>) -> Result<(), Failure> {
    let newest = applied.last_key_value().map(|(version, _)| version);
    // As on Postgres: see `migrations::needs_newer_release`.
    match newest.filter(|version| version.as_str() > NEWEST && version.as_str() >= "0900") {
        None => Ok(()),
        Some(found) => Err(Failure::Other(Error::SchemaTooNew {
            found: found.clone(),
            known: NEWEST,
        })),
    }
}
