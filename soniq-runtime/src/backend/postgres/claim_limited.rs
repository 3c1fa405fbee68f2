//! Takes due jobs of tasks with a concurrency limit.
//!
//! Invariant: of such a task no more jobs are in `processing` than its limit says, in all or per
//! key. A claim counts and takes under the task's advisory lock, in two statements of one
//! transaction: the second's snapshot is taken once the lock is held, and so sees every claim that
//! was made under it before.

use serde_json::{Value, json};
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};
use uuid::Uuid;

use super::claim::read;
use super::connect::failed;
use crate::advisory;
use crate::backend::{ClaimScope, ClaimedJob, LimitedTask};
use crate::error::Error;
use crate::task::KeyPart;

const LOCK: &str = include_str!("sql/lock_concurrency.sql");
const CLAIM: &str = include_str!("sql/claim_limited.sql");

const WAKE: &str = include_str!("sql/wake.sql");

const CLAIMING: &str = "claiming jobs of limited tasks";

/// How far a claim looks: past this many jobs first, and further only when they leave it short,
/// because the keys of most of them have all that they may.
const HORIZONS: [i64; 2] = [500, 50_000];

/// Up to `limit` jobs; with `solo`, of those that must run alone.
pub(crate) async fn claim(
    client: &mut deadpool_postgres::ClientWrapper,
    scope: &ClaimScope,
    limit: usize,
    solo: bool,
) -> Result<Vec<ClaimedJob>, Error> {
    let transaction = client.transaction().await.map_err(failed(CLAIMING))?;
    // One per wire name: a worker that knows only an older version of a task locks what it knows.
    let names = scope.limited.iter().flat_map(|task| &task.names);
    let locks: Vec<i64> = names.map(|name| advisory::concurrency(name)).collect();
    transaction
        .query_typed(LOCK, &[(&locks, Type::INT8_ARRAY)])
        .await
        .map_err(failed(CLAIMING))?;
    let mut jobs = Vec::new();
    for horizon in HORIZONS {
        let room = limit - jobs.len();
        let (claimed, seen) = claim_within(&transaction, scope, room, solo, horizon).await?;
        jobs.extend(claimed);
        // Full, or there is nothing beyond.
        if jobs.len() >= limit || seen < horizon {
            break;
        }
    }
    transaction.commit().await.map_err(failed(CLAIMING))?;
    Ok(jobs)
}

/// What was claimed, and how many jobs were looked at.
async fn claim_within(
    transaction: &Transaction<'_>,
    scope: &ClaimScope,
    room: usize,
    solo: bool,
    horizon: i64,
) -> Result<(Vec<ClaimedJob>, i64), Error> {
    let (mut names, mut tasks) = (Vec::new(), Vec::new());
    for (place, task) in (1_i32..).zip(&scope.limited) {
        for name in &task.names {
            names.push(name.as_str());
            tasks.push(place);
        }
    }
    let limits: Vec<i32> = scope
        .limited
        .iter()
        .map(|task| i32::try_from(task.spec.limit).unwrap_or(i32::MAX))
        .collect();
    let keys: Vec<Value> = scope.limited.iter().map(key_of).collect();
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    let rows = transaction
        .query_typed(
            CLAIM,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&tasks, Type::INT4_ARRAY),
                (&limits, Type::INT4_ARRAY),
                (&keys, Type::JSONB_ARRAY),
                (&room, Type::INT8),
                (&solo, Type::BOOL),
                (&horizon, Type::INT8),
            ],
        )
        .await
        .map_err(failed(CLAIMING))?;
    let seen = rows.first().map_or(0, |row| row.get("seen"));
    let jobs = rows
        .iter()
        .filter(|row| row.get::<_, Option<Uuid>>("id").is_some())
        .map(|row| read(row, scope.worker, solo))
        .collect();
    Ok((jobs, seen))
}

/// The key's parts, as the statement reads them.
fn key_of(task: &LimitedTask) -> Value {
    let parts = task.spec.key.iter().map(|part| match part {
        KeyPart::Literal(text) => json!({ "literal": text }),
        KeyPart::Field(path) => json!({ "field": path }),
    });
    Value::Array(parts.collect())
}

/// Tells the workers of these queues that a slot is free.
pub(crate) async fn wake(client: &impl GenericClient, queues: &[String]) -> Result<(), Error> {
    client
        .query_typed(WAKE, &[(&queues, Type::TEXT_ARRAY)])
        .await
        .map_err(failed("waking workers"))?;
    Ok(())
}
