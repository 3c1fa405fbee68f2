//! The schema's history. Versions up to 0099 are the baseline shared with Soniq for Python; what
//! is ours has 0500 to 0999. The table `soniq_migrations` records both.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One step of the schema as a database has it; see [`Soniq::migrations`](crate::Soniq::migrations).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Four digits, in order of application.
    pub version: String,
    /// What it is about.
    pub name: String,
    /// Whether the database has it.
    pub state: MigrationState,
    /// When it was applied; `None` when it was not.
    pub applied_at: Option<DateTime<Utc>>,
}

/// Whether a database has a step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MigrationState {
    /// It has it.
    Applied,
    /// It lacks it: `soniq setup` would apply it.
    Missing,
    /// It has one of the versions shared with Soniq for Python that this release does without.
    Foreign,
    /// It has it, and this release is older.
    Newer,
}

impl MigrationState {
    /// The text in JSON and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            MigrationState::Applied => "applied",
            MigrationState::Missing => "missing",
            MigrationState::Foreign => "foreign",
            MigrationState::Newer => "newer",
        }
    }
}

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// Four digits, in order of application.
    pub(crate) version: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

impl Migration {
    /// Its status in a database that lacks it.
    pub(crate) fn missing(self) -> MigrationStatus {
        MigrationStatus {
            version: self.version.to_owned(),
            name: self.name.to_owned(),
            state: MigrationState::Missing,
            applied_at: None,
        }
    }
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!($version, "_", $name, ".sql")),
        }
    };
}

/// All steps, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    migration!("0001", "core"),
    migration!("0002", "dead_letter"),
    migration!("0003", "scheduler"),
    migration!("0004", "webhooks"),
    migration!("0005", "logs"),
    migration!("0006", "sql_api"),
    migration!("0500", "claims"),
    migration!("0501", "schedules"),
    migration!("0502", "queues"),
    migration!("0503", "owners"),
    migration!("0504", "sleepers"),
    migration!("0505", "names"),
    migration!("0506", "room"),
    migration!("0507", "insert"),
    migration!("0508", "wake"),
    migration!("0509", "rights"),
];

/// The newest version that this release knows.
pub(crate) const NEWEST: &str = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Whether a version recorded in the database is one of ours that this release does not know.
pub(crate) fn is_newer(version: &str) -> bool {
    let known = || MIGRATIONS.iter().any(|known| known.version == version);
    ("0500"..="0999").contains(&version) && !known()
}

/// Whether this release cannot work with a version that it does not know. In a rolling deploy old
/// workers go on beside the new schema, and restart beside it, so most versions only add what they
/// can do without. One that does more has a number from here on.
pub(crate) fn needs_newer_release(version: &str) -> bool {
    is_newer(version) && version >= "0900"
}
