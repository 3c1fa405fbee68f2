//! The schema's history. Versions up to 0099 are the baseline shared with Soniq for Python; what
//! is ours has 0500 to 0999. The table `soniq_migrations` records both.

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// Four digits, in order of application.
    pub(crate) version: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
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
    migration!("0500", "claims"),
    migration!("0501", "schedules"),
];

/// The newest version that this release knows.
pub(crate) const NEWEST: &str = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Whether a version recorded in the database is one of ours, and newer than this release.
pub(crate) fn is_from_the_future(version: &str) -> bool {
    ("0500"..="0999").contains(&version) && version > NEWEST
}
