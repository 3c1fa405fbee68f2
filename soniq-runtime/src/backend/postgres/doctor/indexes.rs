//! Indexes that are missing, broken, or only cost writes.

use std::collections::BTreeMap;

use tokio_postgres::GenericClient;

use super::super::connect::failed;
use super::DOING;
use crate::doctor::{Check, Finding};
use crate::error::Error;
use crate::migrations::MIGRATIONS;

const INDEXES: &str = include_str!("../sql/doctor_indexes.sql");

/// Those that a statement of a worker or a producer may use.
const TABLE: &str = "soniq_jobs";

pub(super) async fn check(client: &impl GenericClient) -> Result<Vec<Finding>, Error> {
    let rows = client
        .query_typed(INDEXES, &[])
        .await
        .map_err(failed(DOING))?;
    let mut wanted = wanted();
    let mut findings = Vec::new();
    for row in rows {
        let name: &str = row.get("name");
        let ours = wanted.remove(name);
        if !row.get::<_, bool>("valid") {
            let remedy = format!(
                "DROP INDEX CONCURRENTLY {name};{}",
                ours.map_or_else(String::new, |definition| format!("\n{definition}")),
            );
            let what = format!("the index {name} is not valid: building it was interrupted");
            findings.push(Finding::problem(Check::Indexes, what, remedy));
        } else if ours.is_none() && !row.get::<_, bool>("constraint") {
            let size: &str = row.get("size");
            findings.push(Finding::advice(
                Check::Indexes,
                format!(
                    "no statement of Soniq for Rust uses the index {name} ({size}), and every write \
                     of a job keeps it up"
                ),
                format!(
                    "unless something else needs it, Soniq for Python for one: \
                     DROP INDEX CONCURRENTLY {name}"
                ),
            ));
        }
    }
    for (name, definition) in wanted {
        findings.push(Finding::problem(
            Check::Indexes,
            format!("the index {name} is missing"),
            definition,
        ));
    }
    Ok(findings)
}

/// The indexes that the schema's history leaves on the jobs, by name, each as a statement that makes it
/// while others write.
fn wanted() -> BTreeMap<String, String> {
    let mut indexes = BTreeMap::new();
    let lines = MIGRATIONS
        .iter()
        .flat_map(|migration| migration.sql.lines());
    // A comment may hold what ends a statement.
    let code: Vec<&str> = lines
        .map(|line| line.split("--").next().unwrap_or_default())
        .flat_map(|line| line.split_inclusive(';'))
        .flat_map(str::split_whitespace)
        .collect();
    for statement in code.split_inclusive(|word| word.ends_with(';')) {
        let statement = statement.join(" ");
        let statement = statement.trim_end_matches(';');
        for kind in ["INDEX", "UNIQUE INDEX"] {
            if let Some(rest) = statement.strip_prefix(&format!("CREATE {kind} IF NOT EXISTS "))
                && let Some((name, _)) = rest.split_once(&format!(" ON {TABLE} "))
            {
                let make = format!("CREATE {kind} CONCURRENTLY {rest}");
                indexes.insert(name.to_owned(), make);
            }
        }
        if let Some(name) = statement.strip_prefix("DROP INDEX IF EXISTS ") {
            indexes.remove(name);
        }
    }
    indexes
}
