//! What the server can tell about itself. One check a file.

mod claims;
mod clock;
mod durability;
mod horizon;
mod indexes;
mod session;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod vacuum;

use tokio_postgres::Client;

use super::session::Sessions;
use crate::doctor::Finding;
use crate::error::Error;

/// Every finding, in no order.
pub(crate) async fn diagnose(
    client: &Client,
    sessions: &Sessions,
    heartbeat_timeout: f64,
) -> Result<Vec<Finding>, Error> {
    let mut findings = indexes::check(client).await?;
    findings.extend(horizon::check(client, horizon::PATIENCE).await?);
    findings.extend(vacuum::check(client).await?);
    findings.extend(claims::check(client, heartbeat_timeout).await?);
    findings.extend(durability::check(client).await?);
    findings.extend(clock::check(client).await?);
    findings.extend(session::check(sessions).await?);
    Ok(findings)
}

const DOING: &str = "looking for problems";

/// `3 s`, `12 min`, `5 h`.
fn duration(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else if seconds < 7200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.0} h", seconds / 3600.0)
    }
}
