//! What keeps dead rows from being removed: the claim walks over each of them.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::super::connect::failed;
use super::{DOING, duration};
use crate::doctor::{Check, Finding};
use crate::error::Error;

const HOLDERS: &str = include_str!("../sql/doctor_horizon.sql");

/// Seconds that a transaction may be old. A queue of a thousand jobs a second makes 600,000 dead
/// rows in five minutes.
pub(super) const PATIENCE: f64 = 300.0;

pub(super) async fn check(
    client: &impl GenericClient,
    patience: f64,
) -> Result<Vec<Finding>, Error> {
    let rows = client
        .query_typed(HOLDERS, &[(&patience, Type::FLOAT8)])
        .await
        .map_err(failed(DOING))?;
    let findings = rows.iter().map(|row| {
        let (kind, name): (&str, &str) = (row.get("kind"), row.get("name"));
        let age = row.get::<_, Option<f64>>("age").map(duration);
        let detail: Option<&str> = row.get("detail");
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        let since = age.map_or_else(String::new, |age| format!(" for {age}"));
        let (holder, remedy) = match kind {
            "transaction" => (
                format!("the transaction of process {name} is open{since}{detail}"),
                format!("SELECT pg_terminate_backend({name})"),
            ),
            "prepared" => (
                format!("the prepared transaction {name} waits{since}"),
                format!("ROLLBACK PREPARED {}", literal(name)),
            ),
            _ => (
                format!("the replication slot {name} is not read from{detail}"),
                format!("SELECT pg_drop_replication_slot({})", literal(name)),
            ),
        };
        Finding::problem(
            Check::Horizon,
            format!("{holder}; dead rows stay, and every claim walks over them"),
            remedy,
        )
    });
    Ok(findings.collect())
}

/// For a person to paste; nothing here runs it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
