//! Claims of workers that beat no more, and that nobody rescues.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::super::connect::failed;
use super::DOING;
use crate::doctor::{Check, Finding};
use crate::error::Error;

const ABANDONED: &str = include_str!("../sql/doctor_claims.sql");

pub(super) async fn check(
    client: &impl GenericClient,
    heartbeat_timeout: f64,
) -> Result<Vec<Finding>, Error> {
    let row = client
        .query_typed_one(ABANDONED, &[(&heartbeat_timeout, Type::FLOAT8)])
        .await
        .map_err(failed(DOING))?;
    let jobs: i64 = row.get("jobs");
    if jobs == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![Finding::problem(
        Check::Claims,
        format!(
            "{jobs} claimed jobs belong to workers that have not beaten for \
             {heartbeat_timeout:.0} s, and nobody has rescued them"
        ),
        "start a worker: any worker, of any queue, rescues them within a minute",
    )])
}
