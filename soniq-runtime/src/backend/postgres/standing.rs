//! Whether a worker's connection is a session of its own, found out by trying.
//!
//! A pooler in transaction mode runs each statement on whichever backend is free. A lock or a
//! `LISTEN` there belongs to nobody: it stays with the backend when the worker dies, and what the
//! backend hears is lost. Poolers do not say what they are, so two things are tried: whether a
//! second connection can take the backend away, and whether a notification arrives.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
use crate::advisory;
use crate::error::Error;

const TRY_BACKEND: &str = include_str!("sql/try_backend.sql");
const SEND_PROBE: &str = include_str!("sql/send_probe.sql");

/// One is enough at a pooler that has nothing else to do; clients that come between can hide it.
const ROUNDS: u32 = 5;

/// How long a notification may take that was sent and committed.
const HEARING: Duration = Duration::from_secs(5);

/// What a worker's connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A session: it listens, and holds the liveness lock.
    Own,
    /// As far as is known a session, but notifications do not arrive. It listens all the same.
    Deaf,
    /// A pooler's: its statements run on backends that others use too.
    Pooled,
}

/// The backend of `session`; `None` where a pooler changes it. Fails when `other`, which leads to
/// where jobs are claimed, is not in the same database.
///
/// `other` keeps a backend in a transaction meanwhile. A pooler that has just run a statement of
/// `session` gives it that very backend, or another one to the next statement of `session`.
pub(crate) async fn backend_of(
    session: &Client,
    other: &mut Client,
    same_url: bool,
    worker: Uuid,
) -> Result<Option<i32>, Error> {
    let first: i32 = try_backend(session, worker).await?.get("backend");
    for _ in 0..ROUNDS {
        if !keeps(first, session, other, same_url, worker).await? {
            return Ok(None);
        }
    }
    Ok(Some(first))
}

/// One round of [`backend_of`]: whether `session` is still on the backend `first`.
async fn keeps(
    first: i32,
    session: &Client,
    other: &mut Client,
    same_url: bool,
    worker: Uuid,
) -> Result<bool, Error> {
    let holding = other.transaction().await.map_err(failed(TRYING))?;
    let held: i32 = try_backend(&holding, worker).await?.get("backend");
    // The only backend of its pool, perhaps: the session would wait for it without end.
    if same_url && held == first {
        return Ok(false);
    }
    let second = try_backend(session, worker).await?;
    if second.get("free") {
        return Err(Error::SessionUrl {
            reason: "leads to another database than SONIQ_DATABASE_URL".to_owned(),
        });
    }
    holding.rollback().await.map_err(failed(TRYING))?;
    Ok(second.get::<_, i32>("backend") == first)
}

const TRYING: &str = "trying the worker's session";

async fn try_backend(client: &impl GenericClient, worker: Uuid) -> Result<Row, Error> {
    let key = advisory::trial(worker);
    client
        .query_typed_one(TRY_BACKEND, &[(&key, Type::INT8)])
        .await
        .map_err(failed(TRYING))
}

/// The channel that only this worker's session listens on. An id in hexadecimal digits: it stands
/// in a `LISTEN`, which takes no parameters.
pub(crate) fn channel(worker: Uuid) -> String {
    format!("soniq_session_{}", worker.simple())
}

/// Whether a notification that `other` sends is `heard` by the session of `worker`. Sent from
/// another connection, since a backend hears its own in any case.
pub(crate) async fn hears(
    other: &impl GenericClient,
    worker: Uuid,
    heard: &Notify,
) -> Result<bool, Error> {
    other
        .query_typed_one(SEND_PROBE, &[(&channel(worker), Type::TEXT)])
        .await
        .map_err(failed(TRYING))?;
    Ok(tokio::time::timeout(HEARING, heard.notified())
        .await
        .is_ok())
}
