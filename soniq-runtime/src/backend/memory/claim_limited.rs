//! Takes due jobs of tasks of which only so many may run at once, in all or per key: what runs is
//! counted by the rows themselves, so the claims of a worker that died count until they are rescued.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::claim::{Turn, due, take};
use super::state::State;
use crate::backend::{ClaimScope, ClaimedJob, LimitedTask};
use crate::jobs::{Job, Status};
use crate::task::KeyPart;

/// The place of a job: its task, and its key there.
type Slot = (usize, Option<String>);

/// Up to `limit` jobs; with `solo`, of those that must run alone.
pub(super) fn claim(
    state: &mut State,
    scope: &ClaimScope,
    limit: usize,
    solo: bool,
) -> Vec<ClaimedJob> {
    let mut taken: HashMap<Slot, usize> = HashMap::new();
    for row in state.jobs.values() {
        if row.job.status == Status::Processing
            && let Some(slot) = slot(&scope.limited, &row.job)
        {
            *taken.entry(slot).or_default() += 1;
        }
    }
    let names = scope.limited.iter().flat_map(|task| &task.names);
    let names: Vec<String> = names.cloned().collect();
    let mut chosen: Vec<Uuid> = Vec::new();
    let mut turns = due(state, scope, &names, solo);
    turns.sort_unstable();
    for Turn { id, .. } in turns {
        if chosen.len() == limit {
            break;
        }
        let Some(slot) = slot(&scope.limited, &state.jobs[&id].job) else {
            continue;
        };
        let most = scope.limited[slot.0].spec.limit;
        let running = taken.entry(slot).or_default();
        if *running < usize::try_from(most).unwrap_or(usize::MAX) {
            *running += 1;
            chosen.push(id);
        }
    }
    take(state, scope.worker, &chosen)
}

fn slot(tasks: &[LimitedTask], job: &Job) -> Option<Slot> {
    let task = tasks
        .iter()
        .position(|task| task.names.contains(&job.job_name))?;
    Some((task, key(tasks[task].spec.key, &job.args)))
}

/// What the parts give; a field that is not there gives nothing, and no part at all no key.
fn key(parts: &[KeyPart], args: &Value) -> Option<String> {
    let texts = parts.iter().filter_map(|part| match part {
        KeyPart::Literal(text) => Some((*text).to_owned()),
        KeyPart::Field(path) => {
            match path.iter().try_fold(args, |value, name| value.get(*name))? {
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
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_is_what_its_parts_give() {
        const PARTS: &[KeyPart] = &[
            KeyPart::Literal("customer:"),
            KeyPart::Field(&["customer", "id"]),
        ];
        for (args, expected) in [
            (json!({ "customer": { "id": "a" } }), "customer:a"),
            (json!({ "customer": { "id": 7 } }), "customer:7"),
            (json!({ "customer": { "id": null } }), "customer:"),
            (json!({ "customer": "a" }), "customer:"),
        ] {
            assert_eq!(key(PARTS, &args).as_deref(), Some(expected), "{args}");
        }
        assert_eq!(key(&[], &json!({})), None);
        assert_eq!(key(&[KeyPart::Field(&["id"])], &json!({})), None);
    }
}
