//! Takes due jobs.

use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
use super::times;
use crate::backend::{ClaimScope, ClaimedJob, Fence, Peek, UnderWay};
use crate::error::Error;

const CLAIM: &str = include_str!("sql/claim.sql");
const CLAIM_SOLO: &str = include_str!("sql/claim_solo.sql");
const PEEK: &str = include_str!("sql/peek.sql");

pub(crate) async fn claim(
    client: &impl GenericClient,
    scope: &ClaimScope,
    limit: usize,
) -> Result<Vec<ClaimedJob>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client
        .query_typed(
            CLAIM,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.free, Type::TEXT_ARRAY),
                (&limit, Type::INT8),
            ],
        )
        .await
        .map_err(failed("claiming jobs"))?;
    Ok(rows
        .iter()
        .map(|row| read(row, scope.worker, false))
        .collect())
}

pub(crate) async fn claim_solo(
    client: &impl GenericClient,
    scope: &ClaimScope,
) -> Result<Option<ClaimedJob>, Error> {
    let row = client
        .query_typed_opt(
            CLAIM_SOLO,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.free, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed("claiming jobs"))?;
    Ok(row.map(|row| read(&row, scope.worker, true)))
}

pub(crate) async fn peek(client: &impl GenericClient, scope: &ClaimScope) -> Result<Peek, Error> {
    let row = client
        .query_typed_one(
            PEEK,
            &[
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.names, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed("looking for due jobs"))?;
    let next_due: Option<f64> = row.get("next_due");
    Ok(Peek {
        next_due: next_due.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
        solo: row.get("solo"),
        under_way: Some(UnderWay {
            oldest: row.get("oldest"),
            next: row.get("next"),
        }),
    })
}

/// A row that cannot be read is claimed all the same: it becomes a job whose arguments are the
/// reason, so that the worker dead-letters it and goes on.
pub(crate) fn read(row: &Row, worker: Uuid, solo: bool) -> ClaimedJob {
    let created_at = times::time(row, "created_at");
    let args = match created_at {
        None => Err("created_at is no time that can be read".to_owned()),
        Some(_) => row.try_get::<_, Value>("args").map_err(|error| {
            std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
        }),
    };
    ClaimedJob {
        fence: Fence {
            id: row.get("id"),
            worker: Some(worker),
            claim_id: row.get("claim_id"),
            attempts: row.get("attempts"),
        },
        name: row.get("job_name"),
        args,
        max_attempts: row.get("max_attempts"),
        queue: row.get("queue"),
        created_at: created_at.unwrap_or(DateTime::UNIX_EPOCH),
        solo,
    }
}
