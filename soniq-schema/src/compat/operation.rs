//! How a task is run: what a change of it does to rows that are there already.

use super::released::Operation;
use super::rules::{self, Row};
use crate::contract::Task;

/// A change of how a task is run.
pub(super) struct Change {
    pub(super) row: &'static Row,
    pub(super) message: String,
}

pub(super) fn changes(old: &Operation, task: &Task) -> Vec<Change> {
    let new = Operation::of(task);
    let mut changes = Vec::new();
    let mut add = |row, message: String| changes.push(Change { row, message });
    if old.queue != new.queue {
        let queue = |queue: &Option<String>| queue.clone().unwrap_or_else(|| "default".to_owned());
        let message = format!(
            "the queue was {:?} and is {:?}: rows that are there stay in the old one, and only workers that serve it run them",
            queue(&old.queue),
            queue(&new.queue)
        );
        add(&rules::queue_moved::ROW, message);
    }
    if old.priority != new.priority {
        let message = format!(
            "the priority was {} and is {}: rows that are there keep theirs",
            words(old.priority),
            words(new.priority)
        );
        add(&rules::priority_changed::ROW, message);
    }
    let attempts = |operation: &Operation| operation.max_attempts;
    if lowered(attempts(old).map(u64::from), attempts(&new).map(u64::from)) {
        let message = format!(
            "max_attempts was {} and is {}: a job is given up sooner",
            words(old.max_attempts),
            words(new.max_attempts)
        );
        add(&rules::attempts_lowered::ROW, message);
    }
    // Zero is no limit.
    let limit = |timeout: Option<u64>| timeout.filter(|timeout| *timeout > 0);
    let is_lower = match (limit(old.timeout_ms), limit(new.timeout_ms)) {
        (Some(old), Some(new)) => new < old,
        (None, Some(_)) => old.timeout_ms.is_some(),
        _ => false,
    };
    if is_lower {
        let message = format!(
            "the timeout was {} and is {}: a row that needs longer is cut off at every attempt",
            old.timeout_ms
                .filter(|timeout| *timeout > 0)
                .map_or_else(|| "none".to_owned(), |timeout| format!("{timeout} ms")),
            new.timeout_ms
                .map_or_else(|| "none".to_owned(), |timeout| format!("{timeout} ms"))
        );
        add(&rules::timeout_lowered::ROW, message);
    }
    if (old.unique, &old.dedup_key) != (new.unique, &new.dedup_key) {
        let key = |operation: &Operation| match (&operation.dedup_key, operation.unique) {
            (Some(key), _) => format!("the key {key:?}"),
            (None, true) => "all arguments".to_owned(),
            (None, false) => "nothing".to_owned(),
        };
        let message = format!(
            "a job was unique by {} and is by {}: rows that are there keep the old key, and a twin may be queued beside them",
            key(old),
            key(&new)
        );
        add(&rules::uniqueness_changed::ROW, message);
    }
    if old.schedule != new.schedule {
        let message = format!(
            "the schedule was {} and is {}: firings that are queued already still run",
            words(old.schedule.as_ref()),
            words(new.schedule.as_ref())
        );
        add(&rules::schedule_changed::ROW, message);
    }
    if old.concurrency != new.concurrency {
        let message = format!(
            "the limit of concurrency was {} and is {}: until every worker is deployed, both are in force",
            words(old.concurrency.as_ref()),
            words(new.concurrency.as_ref())
        );
        add(&rules::concurrency_changed::ROW, message);
    }
    changes
}

fn words(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// Whether a number is lower than it was, or may be: what was left out is the runtime's to say.
fn lowered(old: Option<u64>, new: Option<u64>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => new < old,
        (old, new) => old.is_some() != new.is_some(),
    }
}
