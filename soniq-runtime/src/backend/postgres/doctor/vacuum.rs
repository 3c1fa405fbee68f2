//! Dead rows that stay, and statistics that are missing.

use tokio_postgres::GenericClient;

use super::super::connect::failed;
use super::DOING;
use crate::doctor::{Check, Finding};
use crate::error::Error;

const TABLES: &str = include_str!("../sql/doctor_tables.sql");

/// Dead rows that are of no account, however few live ones there are.
const FEW: i64 = 20_000;
/// A table with more dead rows than live ones, this many times, was not vacuumed in time.
const TOO_MANY: i64 = 2;

pub(super) async fn check(client: &impl GenericClient) -> Result<Vec<Finding>, Error> {
    let rows = client
        .query_typed(TABLES, &[])
        .await
        .map_err(failed(DOING))?;
    let mut findings = Vec::new();
    for row in rows {
        let name: &str = row.get("name");
        let enable: Option<&str> = row.get("enable");
        // What is off for the server is said once.
        if let Some(enable) = enable.filter(|remedy| !is_among(&findings, remedy)) {
            findings.push(Finding::problem(
                Check::Vacuum,
                format!("autovacuum is off for {name}: dead rows stay, and claims walk over them"),
                enable,
            ));
        }
        let (live, dead): (i64, i64) = (row.get("live"), row.get("dead"));
        if dead > FEW && dead > TOO_MANY * live {
            let size: &str = row.get("size");
            let last: Option<f64> = row.get("seconds_since_vacuum");
            let last = last.map_or_else(
                || "it was never vacuumed".to_owned(),
                |seconds| format!("it was vacuumed {} ago", super::duration(seconds)),
            );
            findings.push(Finding::problem(
                Check::Vacuum,
                format!("{name} has {dead} dead rows beside {live} live ones ({size}), and {last}"),
                format!("VACUUM (ANALYZE) {name}"),
            ));
        } else if live > FEW && !row.get::<_, bool>("analyzed") {
            findings.push(Finding::advice(
                Check::Vacuum,
                format!("{name} has {live} rows and no statistics yet: plans are guesses"),
                format!("ANALYZE {name}"),
            ));
        }
    }
    Ok(findings)
}

fn is_among(findings: &[Finding], remedy: &str) -> bool {
    findings.iter().any(|finding| finding.remedy == remedy)
}
