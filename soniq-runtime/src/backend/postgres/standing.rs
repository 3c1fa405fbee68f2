//! Whether a worker's connection is a session of its own, found out by trying.
//!
//! A pooler in transaction mode runs each statement on whichever backend is free. A lock or a
//! `LISTEN` there belongs to nobody: it stays with the backend when the worker dies, and what the
//! backend hears is lost. Poolers do not say what they are, so two things are tried: whether a
//! second connection can take the backend away, and whether a notification arrives.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, GenericClient};
use uuid::Uuid;

use super::connect::failed;
use crate::advisory;
use crate::error::Error;

const TRY_BACKEND: &str = include_str!("sql/try_backend.sql");
const SEND_PROBE: &str = include_str!("sql/send_probe.sql");

/// One is enough at a pooler that has nothing else to do. At a busy one `other` may be given a backend
/// that became free a moment later; each round makes it less likely that this is what happened.
const ROUNDS: u32 = 10;

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
/// `session` gives it that very backend, or another one to the next statement of `session`. Where a
/// third client came between and had the backend for a moment, the server tells of its statement.
pub(crate) async fn backend_of(
    session: &Client,
    other: &mut Client,
    same_url: bool,
    worker: Uuid,
) -> Result<Option<i32>, Error> {
    let mut last = Trial::of(session, worker, None).await?;
    for _ in 0..ROUNDS {
        match next(last, session, other, same_url, worker).await? {
            Some(trial) => last = trial,
            None => return Ok(None),
        }
    }
    Ok(Some(last.backend))
}

/// One round of [`backend_of`]: the next trial of `session`, if it still has the backend of its
/// `last`, which nobody else had meanwhile.
async fn next(
    last: Trial,
    session: &Client,
    other: &mut Client,
    same_url: bool,
    worker: Uuid,
) -> Result<Option<Trial>, Error> {
    let holding = other.transaction().await.map_err(failed(TRYING))?;
    let held = Trial::of(&holding, worker, Some(&last)).await?;
    // The only backend of its pool, perhaps: the session would wait for it without end.
    if same_url && held.backend == last.backend {
        return Ok(None);
    }
    let trial = Trial::of(session, worker, None).await?;
    if trial.free {
        return Err(Error::SessionUrl {
            reason: "leads to another database than SONIQ_DATABASE_URL".to_owned(),
        });
    }
    holding.rollback().await.map_err(failed(TRYING))?;
    let keeps = trial.backend == last.backend && !held.has_run_since;
    Ok(keeps.then_some(trial))
}

const TRYING: &str = "trying the worker's session";

/// What a statement found out about the backend that it ran on, and about the session's.
#[derive(Debug, Clone, Copy)]
struct Trial {
    backend: i32,
    /// When it ran, in microseconds, as the server tells others.
    began: i64,
    /// Whether the lock of the trial was free in its database.
    free: bool,
    /// Whether the backend of the session's last trial has run anything since; `false` where the
    /// server does not say.
    has_run_since: bool,
}

impl Trial {
    /// One statement on `client`, `after` the last one of the session.
    async fn of(
        client: &impl GenericClient,
        worker: Uuid,
        after: Option<&Trial>,
    ) -> Result<Self, Error> {
        let key = advisory::trial(worker);
        let backend = after.map(|trial| trial.backend);
        let began = after.map(|trial| trial.began);
        let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
            (&key, Type::INT8),
            (&backend, Type::INT4),
            (&began, Type::INT8),
        ];
        let row = client
            .query_typed_one(TRY_BACKEND, &parameters)
            .await
            .map_err(failed(TRYING))?;
        Ok(Trial {
            backend: row.get("backend"),
            began: row.get("began"),
            free: row.get("free"),
            has_run_since: row.get("has_run_since"),
        })
    }
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
