//! Enqueues what is due and moves it on.
//!
//! Invariant: a firing's job and the schedule's next time are written by one transaction, which
//! holds the scheduler's lock. Each schedule has a savepoint of its own there: one that cannot
//! fire is left as it is and stops no other.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient, Row, Transaction};
use uuid::Uuid;

use super::super::connect::{failed, reason};
use super::super::lock::{self, Bounds};
use super::super::times::time;
use super::stored::rule_and_args;
use crate::advisory;
use crate::args_hash::args_hash;
use crate::error::Error;
use crate::scheduler::{Due, FailedFiring, Fired, Firing};

const NOW: &str = include_str!("../sql/now.sql");
const DUE_SCHEDULES: &str = include_str!("../sql/due_schedules.sql");
const FIRE: &str = include_str!("../sql/fire_schedule.sql");
const ADVANCE_RECURRING: &str = include_str!("../sql/advance_recurring_jobs.sql");
const ADVANCE_SCHEDULE: &str = include_str!("../sql/advance_schedules.sql");
const NEXT_FIRING: &str = include_str!("../sql/next_firing.sql");

const FIRING: &str = "firing schedules";

/// The other schedules wait with the one that waits, for a twin that is not committed yet.
const BOUNDS: Bounds = Bounds {
    lock: Duration::from_millis(500),
    statement: Duration::from_secs(30),
};

/// Fires what is due; `None` when another scheduler is at it.
pub(crate) async fn fire(client: &mut Client, producer_id: &str) -> Result<Option<Fired>, Error> {
    let key = advisory::scheduler();
    let Some(mut transaction) = lock::begin(client, key, BOUNDS, FIRING).await? else {
        return Ok(None);
    };
    let now: DateTime<Utc> = transaction
        .query_typed_one(NOW, &[])
        .await
        .map_err(failed(FIRING))?
        .get(0);
    let rows = transaction
        .query_typed(DUE_SCHEDULES, &[])
        .await
        .map_err(failed(FIRING))?;
    let mut fired = Fired {
        firings: Vec::new(),
        failures: Vec::new(),
        now,
    };
    for row in &rows {
        let failure = match plan(row, now) {
            Ok(planned) => {
                let savepoint = transaction.transaction().await.map_err(failed(FIRING))?;
                match write(&savepoint, row, &planned, producer_id).await {
                    Ok(firings) => {
                        savepoint.commit().await.map_err(failed(FIRING))?;
                        fired.firings.extend(firings);
                        continue;
                    }
                    Err(error) => {
                        savepoint.rollback().await.map_err(failed(FIRING))?;
                        reason(&error)
                    }
                }
            }
            Err(unreadable) => unreadable,
        };
        fired.failures.push(FailedFiring {
            schedule: row.get("id"),
            job_name: row.get("job_name"),
            reason: failure,
        });
    }
    transaction.commit().await.map_err(failed(FIRING))?;
    Ok(Some(fired))
}

/// What a due row asks for.
struct Planned {
    due: Due,
    args: serde_json::Value,
    /// Of a task that is unique by its arguments.
    args_hash: Option<String>,
}

/// The reason, where the row cannot be read.
fn plan(row: &Row, now: DateTime<Utc>) -> Result<Planned, String> {
    let (rule, args) = rule_and_args(row)?;
    let due = match time(row, "next_run") {
        Some(planned) => rule.due(planned, now, row.get("catch_up"))?,
        None => Due {
            firings: Vec::new(),
            next: rule.next_after(now)?,
        },
    };
    let unique: bool = row.get("unique_job");
    Ok(Planned {
        due,
        args_hash: unique.then(|| args_hash(&args)),
        args,
    })
}

/// Writes the jobs of one schedule and moves it on. A firing that meets a queued twin is none: the
/// twin stands for it.
async fn write(
    savepoint: &Transaction<'_>,
    row: &Row,
    planned: &Planned,
    producer_id: &str,
) -> Result<Vec<Firing>, tokio_postgres::Error> {
    let name: &str = row.get("job_name");
    let due = &planned.due;
    let ids: Vec<Uuid> = due.firings.iter().map(|_| Uuid::now_v7()).collect();
    let inserted = savepoint
        .query_typed(
            FIRE,
            &[
                (&ids, Type::UUID_ARRAY),
                (&name, Type::TEXT),
                (&planned.args, Type::JSONB),
                (&row.get::<_, &str>("queue"), Type::TEXT),
                (&row.get::<_, i32>("priority"), Type::INT4),
                (&row.get::<_, i32>("max_attempts"), Type::INT4),
                (&producer_id, Type::TEXT),
                (&planned.args_hash, Type::TEXT),
            ],
        )
        .await?;
    let inserted: HashSet<Uuid> = inserted.iter().map(|row| row.get("id")).collect();
    let firings: Vec<Firing> = ids
        .into_iter()
        .zip(&due.firings)
        .filter(|(id, _)| inserted.contains(id))
        .map(|(job_id, due)| Firing {
            job_name: name.to_owned(),
            job_id,
            due: *due,
        })
        .collect();
    let advance = match row.get("source") {
        "soniq_schedules" => ADVANCE_SCHEDULE,
        _ => ADVANCE_RECURRING,
    };
    let count = i32::try_from(firings.len()).unwrap_or(i32::MAX);
    savepoint
        .execute_typed(
            advance,
            &[
                (&row.get::<_, Uuid>("id"), Type::UUID),
                (&due.next, Type::TIMESTAMPTZ),
                (&count, Type::INT4),
                (&firings.last().map(|firing| firing.job_id), Type::UUID),
            ],
        )
        .await?;
    Ok(firings)
}

pub(crate) async fn next_firing(
    client: &impl GenericClient,
    after: Option<DateTime<Utc>>,
) -> Result<Option<Duration>, Error> {
    let row = client
        .query_typed_one(NEXT_FIRING, &[(&after, Type::TIMESTAMPTZ)])
        .await
        .map_err(failed("looking for the next schedule"))?;
    Ok(row
        .get::<_, Option<f64>>(0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()))
}
