//! Waivers: which findings the contracts allow, and until when.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use soniq_schema::Diagnostic;
use soniq_schema::compat::{Direction, Finding, Level};
use soniq_schema::contract::{Contract, Contracts, Task, Waiver};
use soniq_schema::diagnostic::codes;
use soniq_schema::source::FileId;
use toml_edit::Key;

use crate::problem::at;
use crate::report::compat::Judged;

/// How a waiver names what is about a task as a whole.
const TASK: &str = "/";

/// What follows from a change of shape, and is allowed with it.
const FOLLOWS: &str = "version-not-bumped";

/// How many days a waiver that is proposed holds.
const DAYS: i64 = 30;

/// Findings with the waivers that allow them, and what is wrong with the waivers.
pub(in crate::cli) fn judge<'a>(
    findings: &'a [Finding],
    contracts: &'a Contracts,
    today: Date,
    directions: &[Direction],
) -> (Vec<Judged<'a>>, Vec<Diagnostic>) {
    let today = today.to_string();
    let mut used: BTreeSet<(FileId, usize)> = BTreeSet::new();
    let mut judged: Vec<Judged<'a>> = findings.iter().map(Judged::new).collect();
    for one in &mut judged {
        let Some(task) = task_of(contracts, one.finding) else {
            continue;
        };
        let waivers = task.waivers.iter();
        let mut fitting = waivers.filter(|waiver| fits(waiver, one.finding));
        // Days are written so that their texts are in the order of time.
        one.waiver = fitting.find(|waiver| waiver.expires >= today);
        if let Some(waiver) = one.waiver.filter(|_| one.finding.level > Level::Safe) {
            used.insert(place(waiver));
        }
    }
    allow_what_follows(&mut judged);
    let problems = contracts.tasks().flat_map(|(_, task)| &task.waivers);
    let problems = problems.filter_map(|waiver| {
        let rule = &waiver.rule;
        let path = &waiver.path;
        if waiver.expires < today {
            let message = format!(
                "the waiver of {rule} at {path} expired on {}",
                waiver.expires
            );
            return Some(at(codes::WAIVER_EXPIRED, message, &waiver.location));
        }
        let known = soniq_schema::compat::rules::find(rule);
        let was_looked_for = known.is_none_or(|rule| directions.contains(&rule.direction));
        if used.contains(&place(waiver)) || !was_looked_for {
            return None;
        }
        let message = match known {
            Some(_) => format!("nothing is found by {rule} at {path}"),
            None => format!("there is no rule {rule:?}"),
        };
        Some(at(codes::UNUSED_WAIVER, message, &waiver.location))
    });
    (judged, problems.collect())
}

/// A breaking shape without another version is one decision: where every break is allowed, so is that.
fn allow_what_follows(judged: &mut [Judged<'_>]) {
    for index in 0..judged.len() {
        let finding = judged[index].finding;
        if finding.rule.row.name != FOLLOWS || judged[index].waiver.is_some() {
            continue;
        }
        let key = |one: &Finding| (one.direction(), one.old_version);
        let causes = judged.iter().filter(|one| {
            let is_same = one.finding.task == finding.task && key(one.finding) == key(finding);
            is_same && one.finding.level.fails() && !one.finding.pointer.is_empty()
        });
        let waivers: Option<Vec<_>> = causes.map(|one| one.waiver).collect();
        judged[index].waiver = waivers.and_then(|waivers| waivers.first().copied());
    }
}

/// What tells a waiver from another one.
fn place(waiver: &Waiver) -> (FileId, usize) {
    (waiver.location.file, waiver.location.range.start)
}

fn fits(waiver: &Waiver, finding: &Finding) -> bool {
    waiver.rule == finding.id() && waiver.path == path(finding)
}

fn path(finding: &Finding) -> &str {
    match finding.pointer.as_str() {
        "" => TASK,
        pointer => pointer,
    }
}

/// The task that a finding is about, as it is now.
fn task_of<'a>(contracts: &'a Contracts, finding: &Finding) -> Option<&'a Task> {
    owner_of(contracts, finding).map(|(_, task)| task)
}

fn owner_of<'a>(contracts: &'a Contracts, finding: &Finding) -> Option<(&'a Contract, &'a Task)> {
    let is_it = |(contract, task): &(&Contract, &Task)| {
        format!("{}.{}", contract.namespace, task.key) == finding.task
    };
    let had_its_name = |(_, task): &(&Contract, &Task)| {
        task.aliases.iter().any(|alias| {
            let version = alias.strip_prefix(&finding.task);
            version.is_some_and(|version| version.starts_with(".v"))
        })
    };
    let mut tasks = contracts.tasks();
    tasks
        .find(is_it)
        .or_else(|| contracts.tasks().find(had_its_name))
}

/// A waiver for each finding that fails, to be pasted into its contract. What only people know is left
/// empty, and a waiver with an empty key is refused.
pub(super) fn proposed(judged: &[Judged<'_>], contracts: &Contracts, today: Date) -> String {
    let expires = today.saturating_add(jiff::Span::new().days(DAYS));
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    let failing = judged.iter().filter(|one| one.fails());
    for finding in failing.map(|one| one.finding) {
        if finding.rule.row.name == FOLLOWS {
            continue;
        }
        let Some((contract, task)) = owner_of(contracts, finding) else {
            continue;
        };
        if !seen.insert((contract.file, &task.key, finding.id(), path(finding))) {
            continue;
        }
        let file = &contracts.sources.get(contract.file).name;
        let key = Key::new(&task.key);
        let message = finding.message.replace(['\n', '\r'], " ");
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "# {file}: {message}\n[[tasks.{key}.compat.allow]]\nrule    = \"{}\"\npath    = {}\n\
             reason  = \"\"\nowner   = \"\"\nexpires = \"{expires}\"\n",
            finding.id(),
            toml_edit::Value::from(path(finding)),
        );
    }
    out
}
