//! Who says whether a row would run.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde_json::Value;

use crate::check::Violation;
use crate::handler::{CheckRow, Handlers, not_upgraded};

/// What a wire name is to those who would run its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "now", rename_all = "snake_case")]
pub enum Standing {
    /// A task's present name and version.
    Current,
    /// An older name of the task with this name: its rows are read like that one's.
    Alias(String),
    /// A retired version of the task with this name: its rows are upgraded.
    Retired(String),
    /// None of theirs: perhaps another team's, perhaps removed too early.
    Unknown,
}

/// What would become of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It reaches its handler.
    Runs,
    /// It is as its retired version says; whether the upgrade takes it is not known.
    NeedsUpgrade,
    /// It would be dead-lettered, for these reasons.
    Fails(Vec<Violation>),
}

/// Says whether rows would run: a service's [`Handlers`], or contracts without the code for them.
pub trait Judge: Sync {
    /// Every wire name that it knows, with what it is.
    fn names(&self) -> BTreeMap<String, Standing>;

    /// What would become of a row with these arguments; `task` is one of [`names`](Self::names).
    fn judge(&self, task: &str, args: Value) -> Verdict;
}

/// Decodes as a worker does, and upgrades rows of retired versions. No handler runs.
impl Judge for Handlers {
    fn names(&self) -> BTreeMap<String, Standing> {
        let mut names = BTreeMap::new();
        for handler in &self.0 {
            let spec = handler.spec;
            for name in handler.checks.keys() {
                let standing = if *name == spec.name {
                    Standing::Current
                } else if spec.aliases.contains(name) {
                    Standing::Alias(spec.name.to_owned())
                } else {
                    Standing::Retired(spec.name.to_owned())
                };
                names.insert((*name).to_owned(), standing);
            }
        }
        names
    }

    fn judge(&self, task: &str, args: Value) -> Verdict {
        let check = self.0.iter().find_map(|handler| handler.checks.get(task));
        match check.map_or(Ok(()), |check| checked(check, args)) {
            Ok(()) => Verdict::Runs,
            Err(violations) => Verdict::Fails(violations),
        }
    }
}

/// An upgrade is a service's own code: its panic would fail the job, not the worker.
fn checked(check: &CheckRow, args: Value) -> Result<(), Vec<Violation>> {
    let panicked = |_| Err(vec![not_upgraded("makes the upgrade panic".to_owned())]);
    catch_unwind(AssertUnwindSafe(|| check(args))).unwrap_or_else(panicked)
}
