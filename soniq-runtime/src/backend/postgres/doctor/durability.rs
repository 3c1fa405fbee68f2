//! Settings by which the server may lose what was committed.

use tokio_postgres::GenericClient;

use super::super::connect::failed;
use super::DOING;
use crate::doctor::{Check, Finding};
use crate::error::Error;

const SETTINGS: &str = include_str!("../sql/doctor_settings.sql");

pub(super) async fn check(client: &impl GenericClient) -> Result<Vec<Finding>, Error> {
    let row = client
        .query_typed_one(SETTINGS, &[])
        .await
        .map_err(failed(DOING))?;
    let is_off = |name: &str| row.get::<_, &str>(name) == "off";
    let on = |name: &str| format!("ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf()");
    let mut findings = Vec::new();
    if is_off("fsync") {
        findings.push(Finding::problem(
            Check::Durability,
            "fsync is off: a crash of the machine may lose committed jobs and corrupt the database",
            on("fsync"),
        ));
    }
    if is_off("full_page_writes") {
        findings.push(Finding::problem(
            Check::Durability,
            "full_page_writes is off: a crash of the machine may corrupt tables, unless the file \
             system never tears a page",
            on("full_page_writes"),
        ));
    }
    if is_off("synchronous_commit") {
        findings.push(Finding::advice(
            Check::Durability,
            "synchronous_commit is off: a crash of the server loses the last moments' jobs, and \
             lets jobs that were done run again",
            on("synchronous_commit"),
        ));
    }
    Ok(findings)
}
