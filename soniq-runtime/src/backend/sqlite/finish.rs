//! Ends claims, each behind its fence, all in one transaction.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, Time};
use crate::backend::{Delay, Fence, Finish, Finished, Outcome};
use crate::dead_letter::Reason;

const HELD: &str = include_str!("sql/held_claim.sql");
const COMPLETE: &str = include_str!("sql/complete.sql");
const DELETE: &str = "DELETE FROM soniq_jobs WHERE id = ?1";
const REQUEUE: &str = include_str!("sql/requeue.sql");
const DEAD_LETTER: &str = include_str!("sql/dead_letter.sql");
const TWIN: &str = include_str!("sql/twin.sql");

/// What a claim's row holds that its end depends on.
struct Held {
    name: String,
    args_hash: Option<String>,
    queue: String,
    unique: bool,
    dedup_key: Option<String>,
    scheduled_at: Option<Time>,
    meta: Map<String, Value>,
}

impl Held {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let meta = match row.get::<_, Option<Json>>("meta")? {
            Some(Json(Value::Object(meta))) => meta,
            _ => Map::new(),
        };
        Ok(Held {
            name: row.get("job_name")?,
            args_hash: row.get("args_hash")?,
            queue: row.get("queue")?,
            unique: row.get("unique_job")?,
            dedup_key: row.get("dedup_key")?,
            scheduled_at: row.get("scheduled_at")?,
            meta,
        })
    }
}

/// Keys of jobs that went back to the queue in this transaction.
#[derive(Default)]
struct Taken {
    dedup: HashSet<String>,
    unique: HashSet<(String, Option<String>)>,
}

/// Ends `claims`; those whose fence no longer matches are lost.
pub(crate) fn finish(change: &Change<'_>, claims: &[Finish]) -> Result<Finished, Failure> {
    let mut finished = Finished::default();
    let mut taken = Taken::default();
    // In the order of their ids: of two that share a key, the older keeps it.
    let mut ordered: Vec<&Finish> = claims.iter().collect();
    ordered.sort_by_key(|claim| claim.fence.id);
    for claim in ordered {
        let fence = claim.fence;
        let Some(held) = held(change, fence)? else {
            finished.lost.push(fence);
            continue;
        };
        match &claim.outcome {
            Outcome::Complete { result, ttl } if ttl.is_zero() => {
                // The result goes with the row.
                let _ = result;
                change.prepare_cached(DELETE)?.execute([Id(fence.id)])?;
            }
            Outcome::Complete { result, ttl } => {
                let result = result.clone().map(Json);
                change.prepare_cached(COMPLETE)?.execute(params![
                    Id(fence.id),
                    result,
                    change.now.plus(*ttl),
                    change.now,
                ])?;
            }
            Outcome::Requeue {
                refund,
                delay,
                error,
                solo,
            } => {
                let back = Back {
                    id: fence.id,
                    held,
                    refund: *refund,
                    delay: *delay,
                    error: error.as_deref(),
                    solo: *solo,
                };
                back.write(change, &mut taken)?;
            }
            Outcome::DeadLetter {
                reason,
                error,
                max_attempts,
            } => dead_letter(
                change,
                fence.id,
                held.meta,
                (*reason, error.as_deref(), *max_attempts),
            )?,
        }
    }
    Ok(finished)
}

fn held(change: &Change<'_>, fence: Fence) -> Result<Option<Held>, Failure> {
    let claim = params![
        Id(fence.id),
        fence.worker.map(Id),
        fence.claim_id,
        fence.attempts
    ];
    let mut statement = change.prepare_cached(HELD)?;
    Ok(statement.query_row(claim, Held::read).optional()?)
}

/// A claim on its way back to the queue.
struct Back<'a> {
    id: Uuid,
    held: Held,
    refund: bool,
    delay: Delay,
    error: Option<&'a str>,
    solo: bool,
}

impl Back<'_> {
    /// Retry, snooze, release and rescue: the job is queued again, or ends as cancelled where it was
    /// called off while it ran.
    fn write(mut self, change: &Change<'_>, taken: &mut Taken) -> Result<(), Failure> {
        let now = change.now;
        let gives_up_key = self.gives_up_key(change, taken)?;
        let called_off = self.held.meta.remove("called_off");
        self.held.meta.remove("solo");
        if self.solo {
            self.held.meta.insert("solo".to_owned(), true.into());
        }
        if gives_up_key {
            let key = json!({ "dedup_key": self.held.dedup_key, "unique_job": self.held.unique });
            self.held.meta.insert("gave_up_key".to_owned(), key);
        }
        let expires_at = called_off.as_ref().map(|seconds| {
            let kept = seconds.as_f64().unwrap_or_default();
            now.plus(std::time::Duration::try_from_secs_f64(kept).unwrap_or_default())
        });
        let scheduled_at = match self.delay {
            Delay::None => None,
            Delay::For(delay) => Some(now.plus(delay)),
            Delay::Keep => self.held.scheduled_at,
        };
        change.prepare_cached(REQUEUE)?.execute(params![
            Id(self.id),
            if called_off.is_some() {
                "cancelled"
            } else {
                "queued"
            },
            expires_at,
            self.refund,
            scheduled_at,
            self.error,
            gives_up_key,
            some(self.held.meta),
            now,
        ])?;
        change.wake(self.held.queue);
        Ok(())
    }

    /// Whether a queued twin holds its key by now, or another that goes back with it.
    fn gives_up_key(&self, change: &Change<'_>, taken: &mut Taken) -> Result<bool, Failure> {
        let held = &self.held;
        let hash = held.args_hash.as_ref().filter(|_| held.unique);
        let mut gives_up =
            change
                .prepare_cached(TWIN)?
                .exists(params![held.dedup_key, held.name, hash])?;
        if let Some(key) = &held.dedup_key {
            gives_up |= !taken.dedup.insert(key.clone());
        }
        if held.unique {
            let key = (held.name.clone(), held.args_hash.clone());
            gives_up |= !taken.unique.insert(key);
        }
        Ok(gives_up)
    }
}

/// Moves the row: never in both tables, never in neither.
pub(super) fn dead_letter(
    change: &Change<'_>,
    id: Uuid,
    mut meta: Map<String, Value>,
    (reason, error, max_attempts): (Reason, Option<&str>, i32),
) -> Result<(), Failure> {
    meta.remove("called_off");
    change.prepare_cached(DEAD_LETTER)?.execute(params![
        Id(id),
        max_attempts,
        reason.as_str(),
        error,
        some(meta),
        change.now,
    ])?;
    change.prepare_cached(DELETE)?.execute([Id(id)])?;
    Ok(())
}

/// Null where there is nothing in it.
fn some(meta: Map<String, Value>) -> Option<Json> {
    (!meta.is_empty()).then_some(Json(Value::Object(meta)))
}
