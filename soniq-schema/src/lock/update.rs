//! Taking a new state into the lock file.

use std::fmt;

use super::compare::rows_that_break;
use super::{EarlierShape, Lock, LockedSchema, LockedVersion};
use crate::compat::{Census, Operation, Options};
use crate::contract::{Contracts, Task};
use crate::fingerprint::canonical;
use crate::json_schema::SchemaId;

/// What an update did with a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `billing.send_invoice`
    pub task: String,
    /// From 1.
    pub version: u32,
    /// What was done.
    pub kind: ChangeKind,
}

/// What is done with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// Its schemas were changed, in a way that its rows survive.
    Reshaped,
    /// It is run or named otherwise; its schemas are the same.
    Run,
    /// It was taken out.
    Removed,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change {
            task,
            version,
            kind,
        } = self;
        match kind {
            ChangeKind::Added => write!(f, "added {task} v{version}"),
            ChangeKind::Reshaped => write!(f, "updated the schemas of {task} v{version}"),
            ChangeKind::Run => write!(f, "updated how {task} v{version} is run"),
            ChangeKind::Removed => write!(f, "removed {task} v{version}, which has no rows"),
        }
    }
}

/// A version as the contracts have it.
struct Present<'a> {
    number: u32,
    name: &'a str,
    args: SchemaId,
    /// None of a version that is retired.
    current: Option<&'a Task>,
}

impl Lock {
    /// Takes all versions of a state in; what it has no longer stays. `today` (`YYYY-MM-DD`) is the
    /// day of release of those that are new. A version that is there keeps its first day; the shape
    /// that it had stays as an earlier one as long as its rows run in the new state.
    ///
    /// Whether the change is one that may be made is not asked here: see
    /// [`compare`](super::LoadedLock::compare).
    pub fn update(&mut self, contracts: &Contracts, today: &str) -> Vec<Change> {
        let mut changes = Vec::new();
        for (contract, task) in contracts.tasks() {
            let identity = format!("{}.{}", contract.namespace, task.key);
            let retired = task.retired.iter().map(|retired| Present {
                number: retired.version,
                name: &retired.name,
                args: retired.args,
                current: None,
            });
            let current = Present {
                number: task.version,
                name: &task.name,
                args: task.args,
                current: Some(task),
            };
            for present in retired.chain([current]) {
                let version = present.number;
                let kind = self.take(contracts, &identity, &present, today);
                changes.extend(kind.map(|kind| Change {
                    task: identity.clone(),
                    version,
                    kind,
                }));
            }
        }
        changes
    }

    fn take(
        &mut self,
        contracts: &Contracts,
        task: &str,
        present: &Present<'_>,
        today: &str,
    ) -> Option<ChangeKind> {
        let locked = |id: SchemaId| LockedSchema {
            canonical: canonical(contracts.schemas.get(id)),
            location: None,
        };
        let number = present.number;
        let key = (task.to_owned(), number);
        let args = locked(present.args);
        let current = present.current;
        let result = current.and_then(|task| task.result).map(locked);
        let reserved = current.map_or_else(Vec::new, |task| task.reserved.clone());
        let operation = current.map(Operation::of);
        let Some(version) = self.versions.get_mut(&key) else {
            let added = LockedVersion {
                location: None,
                name: present.name.to_owned(),
                released: today.to_owned(),
                args,
                result,
                reserved,
                operation,
                earlier: Vec::new(),
            };
            self.versions.insert(key, added);
            return Some(ChangeKind::Added);
        };
        // What a retired version returned and had reserved is no longer said anywhere else.
        let result = if current.is_some() {
            result
        } else {
            version.result.clone()
        };
        let reserved = if current.is_some() {
            reserved
        } else {
            version.reserved.clone()
        };
        let text = |schema: &LockedSchema| schema.canonical.clone();
        let has_shape = version.args.canonical == args.canonical;
        let has_result = version.result.as_ref().map(text) == result.as_ref().map(text);
        let is_run = version.name == present.name
            && version.reserved == reserved
            && version.operation == operation;
        if !has_shape {
            let before = std::mem::replace(&mut version.args, args);
            version.earlier.push(EarlierShape {
                until: today.to_owned(),
                args: before,
            });
        }
        present.name.clone_into(&mut version.name);
        version.result = result;
        version.reserved = reserved;
        version.operation = operation;
        if !has_shape {
            let shapes = std::mem::take(&mut version.earlier);
            let readable = |shape: &EarlierShape| {
                let record = version.earlier_record(task, number, shape);
                rows_that_break(record, contracts, &Options::default())
                    .is_ok_and(|broken| broken.is_empty())
            };
            // A waiver gave up the rows of those that are not.
            let mut readable: Vec<_> = shapes.into_iter().filter(readable).collect();
            readable.retain(|shape| shape.args.canonical != version.args.canonical);
            version.earlier = readable;
        }
        match (has_shape && has_result, is_run) {
            (false, _) => Some(ChangeKind::Reshaped),
            (true, false) => Some(ChangeKind::Run),
            (true, true) => None,
        }
    }

    /// Takes versions out that the contracts have no more and of which no row is left. Versions that
    /// they still have lose the shapes that they had before, if no row is left of them either.
    pub fn prune(&mut self, contracts: &Contracts, census: &Census) -> Vec<Change> {
        let has_rows = |name: &str| census.get(name).is_some_and(|rows| *rows > 0);
        let is_there = |task: &str, number: u32| {
            contracts.tasks().any(|(contract, one)| {
                let has_number = one.version == number
                    || one.retired.iter().any(|retired| retired.version == number);
                has_number && format!("{}.{}", contract.namespace, one.key) == task
            })
        };
        let mut changes = Vec::new();
        self.versions.retain(|(task, number), version| {
            if has_rows(&version.name) {
                return true;
            }
            let is_there = is_there(task, *number);
            let kind = match (is_there, version.earlier.is_empty()) {
                (true, true) => return true,
                (true, false) => ChangeKind::Reshaped,
                (false, _) => ChangeKind::Removed,
            };
            version.earlier.clear();
            changes.push(Change {
                task: task.clone(),
                version: *number,
                kind,
            });
            is_there
        });
        changes
    }
}
