//! A released state against a new one: every version with what would read its rows now.

mod reserved;
mod schemas;

use std::collections::BTreeMap;

use serde_json::Value;

use super::diff::Names;
use super::finding::{Direction, Finding, Level};
use super::operation;
use super::released::{Released, Version, identity, names};
use super::rules::{self, Row};
use crate::contract::{Contract, Contracts, Task};
use crate::json_schema::{SchemaId, evaluate};
use crate::source::Location;

/// How many rows there are by the name that they have on the wire. A name that is not in it has
/// none.
pub type Census = BTreeMap<String, u64>;

/// What a comparison may take into account.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rows as they were counted. Versions without any are not held against the new state. Without
    /// a census, every version is taken to have rows.
    pub census: Option<Census>,
}

impl Options {
    fn has_rows(&self, version: &Version) -> bool {
        let census = self.census.as_ref();
        census.is_none_or(|census| census.get(&version.name).is_some_and(|rows| *rows > 0))
    }
}

/// Compares released versions with a new state of the contracts.
///
/// The findings come by task, then by version, then by their place; the safe ones are among them.
///
/// ```
/// use soniq_schema::compat::{Level, Options, Released, compare};
///
/// let load = |required: &str| {
///     let text = format!("
///         edition = '2026'
///         namespace = 'billing'
///         [tasks.refund]
///         version = 1
///         [tasks.refund.args]
///         type = 'object'
///         required = [{required}]
///         properties.payment = {{ type = 'string' }}
///     ");
///     soniq_schema::load_sources([("billing.toml".to_owned(), text)]).contracts
/// };
/// let (old, new) = (load(""), load("'payment'"));
/// let findings = compare(&Released::of(&old), &new, &Options::default());
/// let worst = findings.iter().find(|finding| finding.level == Level::Breaking).unwrap();
/// assert_eq!(worst.id(), "B006");
/// assert_eq!(worst.witness.as_ref().unwrap().to_string(), "{}");
/// ```
pub fn compare(old: &Released<'_>, new: &Contracts, options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    let names = names(new);
    let mut versions: Vec<&Version> = old.versions.iter().collect();
    versions.sort_by(|one, other| (&one.task, one.number).cmp(&(&other.task, other.number)));
    for version in versions {
        let mut pair = Pair {
            old,
            version,
            new,
            options,
            findings: Vec::new(),
            successor: None,
            names: &names,
        };
        pair.run();
        findings.append(&mut pair.findings);
    }
    findings
}

/// One released version and what becomes of it.
struct Pair<'a> {
    old: &'a Released<'a>,
    version: &'a Version,
    new: &'a Contracts,
    options: &'a Options,
    findings: Vec<Finding>,
    successor: Option<(&'a Contract, &'a Task)>,
    /// Of the new state's types.
    names: &'a Names,
}

/// What a finding is about.
struct About<'t> {
    row: &'static Row,
    direction: Direction,
    level: Level,
    pointer: &'t str,
    new: Option<Location>,
    message: String,
}

impl<'a> Pair<'a> {
    fn run(&mut self) {
        let version = self.version;
        let by_name =
            |task: &Task| task.name == version.name || task.aliases.contains(&version.name);
        let by_identity =
            |contract: &Contract, task: &Task| identity(&contract.namespace, task) == version.task;
        let named = self.new.tasks().find(|(_, task)| by_name(task));
        self.successor = named.or_else(|| {
            self.new
                .tasks()
                .find(|(contract, task)| by_identity(contract, task))
        });
        let Some((_, task)) = self.successor else {
            return self.removed();
        };
        if task.version < self.version.number {
            let message = format!(
                "the version was {} and is {}",
                self.version.number, task.version
            );
            for direction in [Direction::Backward, Direction::Forward] {
                self.of_task(
                    &rules::version_lowered::ROW,
                    direction,
                    Level::Breaking,
                    message.clone(),
                );
            }
        }
        if by_name(task) {
            self.same(task);
        } else if let Some(retired) = task
            .retired
            .iter()
            .find(|one| one.name == self.version.name)
        {
            self.retired(retired.args);
        } else if self.options.has_rows(self.version) {
            self.left_behind(task);
        }
        if let Some(operation) = &self.version.operation {
            for change in operation::changes(operation, task) {
                self.of_task(
                    change.row,
                    Direction::Operational,
                    Level::Warning,
                    change.message,
                );
            }
        }
    }

    fn removed(&mut self) {
        let version = self.version;
        // A retired version leaves with its task; the census decides about it by itself.
        let level = if self.options.has_rows(version) {
            Level::Breaking
        } else {
            Level::Safe
        };
        let row = &rules::task_removed::ROW;
        let message = match level {
            Level::Safe => format!(
                "the task is gone, and no row has the name {:?}",
                version.name
            ),
            _ => format!(
                "the task is gone, and rows named {:?} would be run by nobody",
                version.name
            ),
        };
        self.of_task(row, Direction::Backward, level, message.clone());
        if version.operation.is_some() {
            self.of_task(
                row,
                Direction::Source,
                Level::Breaking,
                "the task's module is gone".to_owned(),
            );
        }
    }

    fn left_behind(&mut self, task: &Task) {
        let name = &self.version.name;
        let (row, message) = if task.version == self.version.number {
            let message = format!(
                "rows are named {:?} now, and those named {name:?} would be run by nobody",
                task.name
            );
            (&rules::task_removed::ROW, message)
        } else {
            let version = self.version.number;
            let message = format!(
                "the version is {} now, `retired` has no v{version}, and rows named {name:?} would be run by nobody",
                task.version
            );
            (&rules::version_not_retired::ROW, message)
        };
        self.of_task(row, Direction::Backward, Level::Breaking, message);
    }

    /// Rows keep their name: the shapes are held against each other in both directions.
    fn same(&mut self, task: &'a Task) {
        let (old, new) = (
            self.old.schema(self.version.args),
            self.new.schemas.get(task.args),
        );
        let changes = self.schemas("/args", old, new, true);
        self.reserved(task, &changes);
        match (self.version.result, task.result) {
            (Some(was), Some(is)) => {
                let (old, new) = (self.old.schema(was), self.new.schemas.get(is));
                self.schemas("/result", old, new, false);
            }
            (Some(was), None) if self.version.operation.is_some() => {
                let takes_null = evaluate(self.old.schema(was), &Value::Null).is_empty();
                self.result_came_or_went(false, takes_null);
            }
            (None, Some(is)) if self.version.operation.is_some() => {
                let takes_null = evaluate(self.new.schemas.get(is), &Value::Null).is_empty();
                self.result_came_or_went(true, takes_null);
            }
            _ => {}
        }
        self.not_bumped(task);
    }

    /// Without a schema, what a handler returns is null.
    fn result_came_or_went(&mut self, came: bool, takes_null: bool) {
        let row = &rules::type_changed::ROW;
        let message = if came {
            "the result has a schema now, and older workers return null"
        } else {
            "the result has no schema any more, and callers built before wait for one"
        };
        let harmed = if came {
            Direction::Forward
        } else {
            Direction::Backward
        };
        for (direction, level) in [
            (
                harmed,
                if takes_null {
                    Level::Safe
                } else {
                    Level::Breaking
                },
            ),
            (Direction::Source, Level::Breaking),
        ] {
            let finding = self.finding(About {
                row,
                direction,
                level,
                pointer: "/result",
                new: None,
                message: message.to_owned(),
            });
            self.findings.extend(finding.map(|finding| Finding {
                witness: (direction == harmed && !takes_null).then_some(Value::Null),
                ..finding
            }));
        }
    }

    /// A breaking shape is another version.
    fn not_bumped(&mut self, task: &Task) {
        if task.version != self.version.number {
            return;
        }
        for direction in [Direction::Backward, Direction::Forward] {
            let of_direction = self
                .findings
                .iter()
                .filter(|one| one.direction() == direction);
            let about_values = of_direction.filter(|one| {
                let is_about_names = one.rule.row.name == rules::name_not_reserved::ROW.name;
                !one.pointer.is_empty() && !is_about_names && one.level.fails()
            });
            let Some(level) = about_values.map(|one| one.level).max() else {
                continue;
            };
            let message = format!(
                "the shape of version {} breaks, and the version stays",
                task.version
            );
            self.of_task(&rules::version_not_bumped::ROW, direction, level, message);
        }
    }

    /// Rows of a retired version are read by what was kept of it.
    fn retired(&mut self, args: SchemaId) {
        let (old, new) = (
            self.old.schema(self.version.args),
            self.new.schemas.get(args),
        );
        let before = self.findings.len();
        self.schemas("/args", old, new, true);
        // Nobody enqueues it any more, and its types are those of `upgrade_vN` alone.
        let is_backward = |finding: &Finding| finding.direction() == Direction::Backward;
        let kept = self.findings.split_off(before);
        self.findings.extend(kept.into_iter().filter(is_backward));
    }

    fn of_task(&mut self, row: &'static Row, direction: Direction, level: Level, message: String) {
        let finding = self.finding(About {
            row,
            direction,
            level,
            pointer: "",
            new: None,
            message,
        });
        self.findings.extend(finding);
    }

    fn finding(&self, about: About<'_>) -> Option<Finding> {
        let rule = about.row.rule(about.direction)?;
        let is_about_names = about.row.name == rules::name_not_reserved::ROW.name;
        let harm = harm(about.direction, about.level, about.pointer).filter(|_| !is_about_names);
        let message = harm.map_or(about.message.clone(), |harm| {
            format!("{}: {harm}", about.message)
        });
        let task = self.successor.map(|(_, task)| task);
        Some(Finding {
            rule,
            level: about.level,
            task: self.version.task.clone(),
            old_version: Some(self.version.number),
            new_version: task.map(|task| task.version),
            pointer: about.pointer.to_owned(),
            old: self.version.location.clone(),
            new: about.new.or_else(|| task.map(|task| task.location.clone())),
            message,
            help: about.row.help.replace("TASK", &self.version.task),
            witness: None,
        })
    }

    /// A place in the old contracts, where those are at hand.
    fn old_place(&self, place: &Location) -> Option<Location> {
        self.old.names.as_ref().map(|_| place.clone())
    }
}

/// What comes of a change to values, in words.
fn harm(direction: Direction, level: Level, pointer: &str) -> Option<&'static str> {
    let is_result = pointer.starts_with("/result");
    match (level, direction) {
        _ if pointer.is_empty() => None,
        (Level::Breaking, Direction::Backward) if is_result => {
            Some("callers built before refuse what new workers return")
        }
        (Level::Breaking, Direction::Forward) if is_result => {
            Some("new callers refuse what older workers return")
        }
        (Level::Breaking, Direction::Backward) => Some("rows that are there are refused"),
        (Level::Breaking, Direction::Forward) => Some("older workers refuse new rows"),
        (Level::Breaking, Direction::Source) => Some("code that uses it does not compile as it is"),
        (Level::Unproven, _) => Some("neither proven to be safe nor shown to break"),
        _ => None,
    }
}
