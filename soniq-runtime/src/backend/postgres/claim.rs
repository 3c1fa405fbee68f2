//! Takes due jobs.

use std::time::{Duration, Instant};

use chrono::DateTime;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
use super::repeated::Run;
use super::times;
use crate::backend::trail::Place;
use crate::backend::{ClaimScope, ClaimedJob, Fence, Peek, UnderWay};
use crate::error::Error;

/// From among the first due jobs of all.
const CLAIM: &str = concat!(
    include_str!("sql/under_way.sql"),
    include_str!("sql/claim.sql"),
    include_str!("sql/first_due.sql"),
    include_str!("sql/take.sql")
);
/// From among the first due jobs behind what was claimed before.
const CLAIM_ONWARD: &str = concat!(
    include_str!("sql/under_way.sql"),
    include_str!("sql/claim_onward.sql"),
    include_str!("sql/first_due.sql"),
    include_str!("sql/take.sql")
);
/// From among the first due jobs of each name in each queue.
const CLAIM_BY_NAME: &str = concat!(
    include_str!("sql/under_way.sql"),
    include_str!("sql/by_name.sql"),
    include_str!("sql/claim_by_name.sql"),
    include_str!("sql/take.sql")
);
const CLAIM_SOLO: &str = include_str!("sql/claim_solo.sql");
const PEEK: &str = include_str!("sql/peek.sql");

/// Of how many due jobs a claim looks at one, in the order of all, before it goes by name.
const LOOKS: usize = 4;
/// How many it looks at however few it wants: as much as going by name would cost.
const LEAST_LOOKS: usize = 200;
/// Going by name, how much further each try looks when others hold what the one before it saw.
const FURTHER: usize = 16;

pub(crate) async fn claim(
    client: &impl Run,
    scope: &ClaimScope,
    limit: usize,
) -> Result<Vec<ClaimedJob>, Error> {
    let looks = limit.saturating_mul(LOOKS).max(LEAST_LOOKS);
    let began = Instant::now();
    if let Some(places) = scope.trail.onward(began) {
        let Taken { jobs, more } = take_onward(client, &places, scope, limit, looks).await?;
        if more {
            // A crowd of others lies there.
            scope.trail.begin_anew();
        }
        return Ok(jobs);
    }
    let jobs = claim_looking(client, scope, limit, looks).await?;
    let now = Instant::now();
    scope.trail.walked(now - began, jobs.len(), now);
    Ok(jobs)
}

/// Up to `limit` jobs, the first in order of all that may be taken. It goes by name when the first
/// `looks` due jobs of all are not enough.
async fn claim_looking(
    client: &impl Run,
    scope: &ClaimScope,
    limit: usize,
    mut looks: usize,
) -> Result<Vec<ClaimedJob>, Error> {
    let Taken { mut jobs, mut more } = take(client, CLAIM, scope, limit, looks).await?;
    while more {
        let room = limit - jobs.len();
        let taken = match take(client, CLAIM_BY_NAME, scope, room, looks).await {
            // What was claimed already is to run; whoever claims next meets the error.
            Err(_) if !jobs.is_empty() => break,
            taken => taken?,
        };
        jobs.extend(taken.jobs);
        more = taken.more;
        looks = looks.saturating_mul(FURTHER);
    }
    Ok(jobs)
}

/// What one statement claimed.
pub(super) struct Taken {
    pub(super) jobs: Vec<ClaimedJob>,
    /// Whether it is fewer than were wanted, and there may be more than were looked at.
    pub(super) more: bool,
}

impl Taken {
    /// What a statement that ends with `take.sql` answered.
    pub(super) fn read(rows: &[Row], worker: Uuid, solo: bool) -> Self {
        let jobs = rows
            .iter()
            .filter(|row| row.get::<_, Option<Uuid>>("id").is_some())
            .map(|row| read(row, worker, solo))
            .collect();
        let more = rows.first().is_some_and(|row| row.get("more"));
        Taken { jobs, more }
    }
}

async fn take(
    client: &impl Run,
    statement: &'static str,
    scope: &ClaimScope,
    limit: usize,
    looks: usize,
) -> Result<Taken, Error> {
    let [limit, looks] = [limit, looks].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    let rows = client
        .rows(
            statement,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.free, Type::TEXT_ARRAY),
                (&limit, Type::INT8),
                (&looks, Type::INT8),
            ],
        )
        .await
        .map_err(failed("claiming jobs"))?;
    Ok(follow(&rows, scope))
}

/// What a statement answered; the scope's trail has come so far.
fn follow(rows: &[Row], scope: &ClaimScope) -> Taken {
    for row in rows {
        // A time that cannot be told is no place to go on from.
        if let Some(due) = times::time(row, "due_at") {
            scope
                .trail
                .come_to(row.get("priority"), (due, row.get("id")));
        }
    }
    Taken::read(rows, scope.worker, false)
}

/// As [`take`], of the priorities of these places, and from there on.
async fn take_onward(
    client: &impl Run,
    places: &[(i32, Place)],
    scope: &ClaimScope,
    limit: usize,
    looks: usize,
) -> Result<Taken, Error> {
    let [limit, looks] = [limit, looks].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    let priorities: Vec<i32> = places.iter().map(|(priority, _)| *priority).collect();
    let (times, ids): (Vec<_>, Vec<_>) = places.iter().map(|(_, place)| *place).unzip();
    let rows = client
        .rows(
            CLAIM_ONWARD,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.free, Type::TEXT_ARRAY),
                (&limit, Type::INT8),
                (&looks, Type::INT8),
                (&priorities, Type::INT4_ARRAY),
                (&times, Type::TIMESTAMPTZ_ARRAY),
                (&ids, Type::UUID_ARRAY),
            ],
        )
        .await
        .map_err(failed("claiming jobs"))?;
    Ok(follow(&rows, scope))
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

pub(crate) async fn peek(client: &impl Run, scope: &ClaimScope) -> Result<Peek, Error> {
    let began = Instant::now();
    if let Some(foreseen) = scope.trail.foreseen(began) {
        return Ok(foreseen);
    }
    let rows = client
        .rows(
            PEEK,
            &[
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.names, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed("looking for due jobs"))?;
    let Some(row) = rows.first() else {
        return Ok(Peek::default());
    };
    let next_due: Option<f64> = row.get("next_due");
    let next_due = next_due.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    let now = Instant::now();
    Ok(Peek {
        next_due: scope.trail.peeked(now - began, next_due, now),
        solo: row.get("solo"),
        under_way: Some(UnderWay {
            oldest: row.get("oldest"),
            next: row.get("next"),
        }),
    })
}

/// A row that cannot be read is claimed all the same: it becomes a job whose arguments are the
/// reason, so that the worker dead-letters it and goes on.
fn read(row: &Row, worker: Uuid, solo: bool) -> ClaimedJob {
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
        size: row.raw_size_bytes(),
        max_attempts: row.get("max_attempts"),
        queue: row.get("queue"),
        created_at: created_at.unwrap_or(DateTime::UNIX_EPOCH),
        solo,
    }
}

#[cfg(test)]
mod tests;
