//! Takes due jobs of tasks with a concurrency limit.
//!
//! Invariant: of such a task no more jobs are in `processing` than its limit says, in all or per
//! key. A claim counts and takes under the task's advisory lock, in two statements of one
//! transaction: the second's snapshot is taken once the lock is held, and so sees every claim that
//! was made under it before.

use std::time::Instant;

use serde_json::{Value, json};
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};

use super::claim::Taken;
use super::connect::failed;
use super::far_looks::FarLooks;
use crate::advisory;
use crate::backend::{ClaimScope, ClaimedJob, LimitedTask};
use crate::error::Error;
use crate::task::KeyPart;

const LOCK: &str = include_str!("sql/lock_concurrency.sql");
const CLAIM: &str = concat!(
    include_str!("sql/under_way.sql"),
    include_str!("sql/by_name.sql"),
    include_str!("sql/claim_limited.sql"),
    include_str!("sql/take.sql")
);
const CLAIM_SOLO: &str = concat!(
    include_str!("sql/solo.sql"),
    include_str!("sql/claim_limited.sql"),
    include_str!("sql/take.sql")
);
const WAKE: &str = include_str!("sql/wake.sql");

const CLAIMING: &str = "claiming jobs of limited tasks";

/// How many jobs a claim looks at, and at least how many of each name in each queue.
#[derive(Debug, Clone, Copy)]
struct Looks {
    all: usize,
    each: usize,
}

const NEAR: Looks = Looks { all: 500, each: 50 };
/// When the first leave it short, because the keys of most of them have all that they may.
const FAR: Looks = Looks {
    all: 50_000,
    each: 500,
};

impl Looks {
    /// Of each name in each queue.
    fn of(self, scope: &ClaimScope) -> i64 {
        let names: usize = scope.limited.iter().map(|task| task.names.len()).sum();
        let pairs = names.saturating_mul(scope.queues.len()).max(1);
        i64::try_from((self.all / pairs).max(self.each)).unwrap_or(i64::MAX)
    }
}

/// Up to `limit` jobs.
pub(crate) async fn claim(
    client: &mut deadpool_postgres::ClientWrapper,
    scope: &ClaimScope,
    limit: usize,
    far_looks: &FarLooks,
) -> Result<Vec<ClaimedJob>, Error> {
    let transaction = locked(client, scope).await?;
    let Taken { mut jobs, more } = take(&transaction, scope, limit, NEAR, false).await?;
    if more && let Some(look) = far_looks.start(Instant::now()) {
        let room = limit - jobs.len();
        let further = take(&transaction, scope, room, FAR, false).await?.jobs;
        if further.is_empty() {
            far_looks.in_vain(look, Instant::now());
        }
        jobs.extend(further);
    }
    transaction.commit().await.map_err(failed(CLAIMING))?;
    Ok(jobs)
}

/// A job that must run alone.
pub(crate) async fn claim_solo(
    client: &mut deadpool_postgres::ClientWrapper,
    scope: &ClaimScope,
) -> Result<Option<ClaimedJob>, Error> {
    let transaction = locked(client, scope).await?;
    let mut taken = take(&transaction, scope, 1, FAR, true).await?;
    transaction.commit().await.map_err(failed(CLAIMING))?;
    Ok(taken.jobs.pop())
}

/// A transaction that holds the tasks' locks.
async fn locked<'a>(
    client: &'a mut deadpool_postgres::ClientWrapper,
    scope: &ClaimScope,
) -> Result<deadpool_postgres::Transaction<'a>, Error> {
    let transaction = client.transaction().await.map_err(failed(CLAIMING))?;
    // One per wire name: a worker that knows only an older version of a task locks what it knows.
    let names = scope.limited.iter().flat_map(|task| &task.names);
    let locks: Vec<i64> = names.map(|name| advisory::concurrency(name)).collect();
    transaction
        .query_typed(LOCK, &[(&locks, Type::INT8_ARRAY)])
        .await
        .map_err(failed(CLAIMING))?;
    Ok(transaction)
}

async fn take(
    transaction: &Transaction<'_>,
    scope: &ClaimScope,
    limit: usize,
    looks: Looks,
    solo: bool,
) -> Result<Taken, Error> {
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
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = transaction
        .query_typed(
            if solo { CLAIM_SOLO } else { CLAIM },
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&limit, Type::INT8),
                (&looks.of(scope), Type::INT8),
                (&tasks, Type::INT4_ARRAY),
                (&limits, Type::INT4_ARRAY),
                (&keys, Type::JSONB_ARRAY),
            ],
        )
        .await
        .map_err(failed(CLAIMING))?;
    Ok(Taken::read(&rows, scope.worker, solo))
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
