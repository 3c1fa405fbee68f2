//! Whether the connections that workers keep for themselves are sessions.

use super::super::session::Sessions;
use super::super::standing::Standing;
use crate::doctor::{Check, Finding};
use crate::error::Error;
use crate::settings::SESSION_URL;

pub(super) async fn check(sessions: &Sessions) -> Result<Vec<Finding>, Error> {
    let remedy = format!("set {SESSION_URL} to a URL that leads past the pooler");
    let finding = match sessions.standing().await? {
        Standing::Own => return Ok(Vec::new()),
        Standing::Deaf => Finding::problem(
            Check::Session,
            "notifications do not arrive on a worker's connection: workers only poll",
            remedy,
        ),
        Standing::Pooled => Finding::problem(
            Check::Session,
            "a worker's connection goes through a pooler that changes its backend: workers only \
             poll, and those that crash are rescued after the heartbeat timeout only",
            remedy,
        ),
    };
    Ok(vec![finding])
}
