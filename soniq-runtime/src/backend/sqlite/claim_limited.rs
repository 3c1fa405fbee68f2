//! Takes due jobs of tasks with a concurrency limit.
//!
//! Invariant: of such a task no more jobs are in `processing` than its limit says, in all or per
//! key. What runs is counted by the table itself, under the write lock that the claim holds.

use std::collections::HashMap;

use rusqlite::{Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::claim::Claimer;
use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, list};
use crate::backend::{ClaimScope, ClaimedJob, LimitedTask};
use crate::task::KeyPart;

const RUNNING: &str = include_str!("sql/running_jobs.sql");
const DUE: &str = include_str!("sql/due_limited.sql");

/// How many jobs a claim looks at, at most: the keys of most may have all that they may.
const HORIZON: usize = 50_000;

/// What so many jobs may run of: a task's place in the scope, and the key.
type Slot = (usize, Option<String>);

/// Up to `limit` jobs; with `solo`, of those that must run alone.
pub(crate) fn claim(
    change: &Change<'_>,
    scope: &ClaimScope,
    limit: usize,
    solo: bool,
) -> Result<Vec<ClaimedJob>, Failure> {
    let names: Vec<&String> = scope.limited.iter().flat_map(|task| &task.names).collect();
    let names = list(&names);
    let mut running = running(change, scope, &names)?;
    let chosen = choose(change, scope, &names, (limit, solo), &mut running)?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let Some(claimer) = Claimer::new(change, scope.worker, solo)? else {
        return Ok(Vec::new());
    };
    chosen.into_iter().map(|id| claimer.take(id)).collect()
}

fn running(
    change: &Change<'_>,
    scope: &ClaimScope,
    names: &str,
) -> Result<HashMap<Slot, usize>, Failure> {
    let mut running = HashMap::new();
    let mut statement = change.prepare_cached(RUNNING)?;
    let mut rows = statement.query([names])?;
    while let Some(row) = rows.next()? {
        let slot = slot_of(scope, row)?;
        *running.entry(slot).or_default() += 1;
    }
    Ok(running)
}

/// Due jobs in their order, but those whose slots are taken.
fn choose(
    change: &Change<'_>,
    scope: &ClaimScope,
    names: &str,
    (limit, solo): (usize, bool),
    running: &mut HashMap<Slot, usize>,
) -> Result<Vec<Uuid>, Failure> {
    let mut chosen = Vec::new();
    let mut statement = change.prepare_cached(DUE)?;
    let mut rows = statement.query(params![list(&scope.queues), names, change.now, solo])?;
    for _ in 0..HORIZON {
        if chosen.len() >= limit {
            break;
        }
        let Some(row) = rows.next()? else {
            break;
        };
        let slot = slot_of(scope, row)?;
        let most = scope.limited[slot.0].spec.limit;
        let taken = running.entry(slot).or_default();
        if *taken < usize::try_from(most).unwrap_or(usize::MAX) {
            *taken += 1;
            chosen.push(row.get::<_, Id>("id")?.0);
        }
    }
    Ok(chosen)
}

/// Arguments that cannot be read have no key.
fn slot_of(scope: &ClaimScope, row: &Row<'_>) -> rusqlite::Result<Slot> {
    let name: String = row.get("job_name")?;
    let has_name = |task: &LimitedTask| task.names.contains(&name);
    let task = scope.limited.iter().position(has_name);
    let task = task.expect("the statements look for names of the scope's tasks only");
    let args = row.get("args").map_or(Value::Null, |Json(args)| args);
    Ok((task, key_of(scope.limited[task].spec.key, &args)))
}

/// The key of a job; none where it has none of the fields, or its task no key.
fn key_of(parts: &[KeyPart], args: &Value) -> Option<String> {
    let texts = parts.iter().filter_map(|part| match part {
        KeyPart::Literal(text) => Some((*text).to_owned()),
        KeyPart::Field(path) => {
            let value = path.iter().try_fold(args, |value, name| value.get(name))?;
            match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            }
        }
    });
    texts.reduce(|key, text| key + &text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_made_of_what_the_arguments_have() {
        const PARTS: &[KeyPart] = &[
            KeyPart::Literal("account-"),
            KeyPart::Field(&["account", "id"]),
        ];
        let key = |args| key_of(PARTS, &args);
        assert_eq!(
            key(json!({ "account": { "id": "a" } })).as_deref(),
            Some("account-a")
        );
        assert_eq!(
            key(json!({ "account": { "id": 7 } })).as_deref(),
            Some("account-7")
        );
        assert_eq!(key(json!({ "account": null })).as_deref(), Some("account-"));
        assert_eq!(key_of(&PARTS[1..], &json!({})), None);
        assert_eq!(key_of(&[], &json!({ "account": 1 })), None);
    }
}
