//! A released state against a new one: every version with what would read its rows now.

use std::collections::BTreeMap;

use super::containment::{Break, breaks, breaks_of_json};
use super::diff::{self, Change, Names};
use super::finding::{Direction, Finding, Level};
use super::operation;
use super::released::{Released, Version, identity, names};
use super::rules::{self, Row};
use crate::contract::{Contract, Contracts, Task};
use crate::fingerprint::canonical;
use crate::json_schema::{SchemaId, SchemaRef};
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
    versions.sort_by(|one, other| (&one.task, one.version).cmp(&(&other.task, other.version)));
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
        let is_current = self.version.operation.is_some() || self.version.result.is_some();
        if task.version < self.version.version {
            let message = format!(
                "the version was {} and is {}",
                self.version.version, task.version
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
        if let (Some(operation), true) = (&self.version.operation, is_current) {
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
        let (row, message) = if task.version == self.version.version {
            let message = format!(
                "rows are named {:?} now, and those named {name:?} would be run by nobody",
                task.name
            );
            (&rules::task_removed::ROW, message)
        } else {
            let version = self.version.version;
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
            (Some(_), None) if self.version.operation.is_some() => self.result_came_or_went(false),
            (None, Some(_)) if self.version.operation.is_some() => self.result_came_or_went(true),
            _ => {}
        }
        self.not_bumped(task);
    }

    fn result_came_or_went(&mut self, came: bool) {
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
            (harmed, Level::Breaking),
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
                witness: (direction == harmed).then_some(serde_json::Value::Null),
                ..finding
            }));
        }
    }

    /// A breaking shape is another version.
    fn not_bumped(&mut self, task: &Task) {
        if task.version != self.version.version {
            return;
        }
        for direction in [Direction::Backward, Direction::Forward] {
            let of_direction = self
                .findings
                .iter()
                .filter(|one| one.direction() == direction);
            let about_values =
                of_direction.filter(|one| !one.pointer.is_empty() && one.level.fails());
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

    fn schemas(
        &mut self,
        prefix: &str,
        old: SchemaRef<'a>,
        new: SchemaRef<'a>,
        is_args: bool,
    ) -> Vec<Change> {
        let names = self.old.names.as_ref().zip(Some(self.names));
        let changes = diff::changes(old, new, names);
        let is_same = canonical(old) == canonical(new);
        // A result is written by the worker and read by the caller.
        let (by_old, by_new) = if is_args {
            (Direction::Backward, Direction::Forward)
        } else {
            (Direction::Forward, Direction::Backward)
        };
        for (direction, index, writer, reader) in [(by_old, 0, old, new), (by_new, 1, new, old)] {
            if direction == Direction::Backward && !self.options.has_rows(self.version) {
                continue;
            }
            let refused = if is_same {
                Vec::new()
            } else {
                breaks(writer, reader, is_args)
            };
            self.direction(
                prefix,
                direction,
                index,
                &changes,
                &refused,
                (writer, reader),
            );
        }
        for change in &changes {
            let pointer = pointer(prefix, &change.path);
            self.of_change(change, Direction::Source, change.levels[2], &pointer, None);
        }
        changes
    }

    fn direction(
        &mut self,
        prefix: &str,
        direction: Direction,
        index: usize,
        changes: &[Change],
        refused: &[Break],
        (writer, reader): (SchemaRef<'_>, SchemaRef<'_>),
    ) {
        let mut claimed: Vec<Vec<&Break>> = vec![Vec::new(); changes.len()];
        let mut unclaimed: Vec<&Break> = Vec::new();
        for one in refused {
            let fits = changes.iter().enumerate().filter_map(|(index, change)| {
                let fit = change.accounts_for(&one.path, one.keyword, one.name.as_deref())?;
                Some((fit, usize::MAX - index))
            });
            match fits.max() {
                Some((_, index)) => claimed[usize::MAX - index].push(one),
                None => unclaimed.push(one),
            }
        }
        for (change, refused) in changes.iter().zip(claimed) {
            let pointer = pointer(prefix, &change.path);
            let witness = refused.iter().find_map(|one| one.witness.clone());
            let level = match (&witness, refused.as_slice()) {
                (Some(_), _) => Level::Breaking,
                (None, [_, ..]) => Level::Unproven,
                (None, []) => change.levels[index],
            };
            if level == Level::Breaking && witness.is_none() {
                // Rows from before the property was there, which its default stood in for.
                let witness = self.without_default(change, writer, reader);
                let level = if witness.is_some() {
                    level
                } else {
                    Level::Warning
                };
                self.of_change(change, direction, level, &pointer, witness);
                continue;
            }
            self.of_change(change, direction, level, &pointer, witness);
        }
        let has_witness = unclaimed.iter().any(|one| one.witness.is_some());
        let mut told: Vec<String> = Vec::new();
        for one in unclaimed {
            let pointer = pointer(prefix, &one.path);
            if told.contains(&pointer) || has_witness && one.witness.is_none() {
                continue;
            }
            let level = if one.witness.is_some() {
                Level::Breaking
            } else {
                Level::Unproven
            };
            let message = format!("`{}` does not take all that is written", one.keyword);
            let finding = self.finding(About {
                row: &rules::rows_refused::ROW,
                direction,
                level,
                pointer: &pointer,
                new: None,
                message,
            });
            self.findings.extend(finding.map(|finding| Finding {
                witness: one.witness.clone(),
                ..finding
            }));
            told.push(pointer);
        }
    }

    fn without_default(
        &self,
        change: &Change,
        writer: SchemaRef<'_>,
        reader: SchemaRef<'_>,
    ) -> Option<serde_json::Value> {
        let (name, around) = change.path.split_last()?;
        let refused = breaks_of_json(writer, reader);
        let at_property = |one: &&Break| one.path == around && one.name.as_ref() == Some(name);
        refused.iter().find(at_property)?.witness.clone()
    }

    /// Names of properties that went stay taken.
    fn reserved(&mut self, task: &Task, changes: &[Change]) {
        let removed = [
            rules::optional_property_removed::ROW.name,
            rules::required_property_removed::ROW.name,
        ];
        for change in changes {
            let Some(name) = change
                .path
                .last()
                .filter(|_| removed.contains(&change.row.name))
            else {
                continue;
            };
            if !task.reserved.contains(name) {
                // `reserved` speaks of the arguments themselves, not of objects inside of them.
                let is_inside = change.path.len() > 1;
                let finding = self.finding(About {
                    row: &rules::name_not_reserved::ROW,
                    direction: Direction::Backward,
                    level: if is_inside {
                        Level::Warning
                    } else {
                        Level::Breaking
                    },
                    pointer: &pointer("/args", &change.path),
                    new: Some(change.new.clone()),
                    message: format!("{name:?} was removed and is not reserved"),
                });
                self.findings.extend(finding.map(|finding| Finding {
                    old: self.old_place(&change.old),
                    help: format!("add {name:?} to `reserved` of the task"),
                    ..finding
                }));
            }
        }
        let names = property_names(self.new.schemas.get(task.args));
        for name in &self.version.reserved {
            if task.reserved.contains(name) {
                continue;
            }
            let is_used = names.contains(name);
            let (row, message) = if is_used {
                (
                    &rules::name_reused::ROW,
                    format!("the reserved name {name:?} is used again"),
                )
            } else {
                (
                    &rules::name_not_reserved::ROW,
                    format!("{name:?} is no longer among the reserved names"),
                )
            };
            self.of_task(row, Direction::Backward, Level::Breaking, message);
        }
    }

    fn of_change(
        &mut self,
        change: &Change,
        direction: Direction,
        level: Level,
        pointer: &str,
        witness: Option<serde_json::Value>,
    ) {
        let finding = self.finding(About {
            row: change.row,
            direction,
            level,
            pointer,
            new: Some(change.new.clone()),
            message: change.message.clone(),
        });
        self.findings.extend(finding.map(|finding| Finding {
            old: self.old_place(&change.old),
            witness,
            ..finding
        }));
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
        let harm = harm(about.direction, about.level, about.pointer);
        let message = harm.map_or(about.message.clone(), |harm| {
            format!("{}: {harm}", about.message)
        });
        let task = self.successor.map(|(_, task)| task);
        Some(Finding {
            rule,
            level: about.level,
            task: self.version.task.clone(),
            old_version: Some(self.version.version),
            new_version: task.map(|task| task.version),
            pointer: about.pointer.to_owned(),
            old: self.version.location.clone(),
            new: about.new.or_else(|| task.map(|task| task.location.clone())),
            message,
            help: about.row.help.to_owned(),
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

/// A place in the values as a JSON pointer.
fn pointer(prefix: &str, path: &[String]) -> String {
    let mut pointer = prefix.to_owned();
    for step in path {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

/// Every name that the arguments have a property under.
fn property_names(schema: SchemaRef<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        if seen.contains(&schema.id) {
            continue;
        }
        seen.push(schema.id);
        let keywords = &schema.node().keywords;
        names.extend(keywords.properties.iter().map(|(name, _)| name.clone()));
        waiting.extend(keywords.in_place().map(|id| schema.at(id)));
    }
    names
}
