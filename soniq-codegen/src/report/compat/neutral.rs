//! Findings of the gate as those that GitHub, GitLab and SARIF know.

use serde_json::{Map, Value, json};
use soniq_schema::compat::{Direction, Level};
use soniq_schema::diagnostic::Severity;

use super::rule;
use super::words::{facts, terms};
use super::{Judged, Report};
use crate::report::{Finding, Place, Rule};

/// What is not safe, and what is wrong with the waivers.
pub(super) fn findings(report: &Report<'_>) -> Vec<Finding> {
    let shown = report.shown().into_iter().map(|one| finding(one, report));
    let problems = report.problems.iter();
    let problems = problems.map(|problem| Finding::new(problem, report.new));
    shown.chain(problems).collect()
}

fn finding(judged: &Judged<'_>, report: &Report<'_>) -> Finding {
    let of = judged.finding;
    let new = of.new.as_ref();
    let old = of.old.as_ref();
    Finding {
        rule: known_rule(of.rule),
        severity: severity(of.level),
        message: message(judged),
        place: new.map(|location| Place::new(location, "now", report.new)),
        related: old
            .map(|location| Place::new(location, "before", report.old))
            .into_iter()
            .collect(),
        help: of.help.clone(),
        waived: judged.allowed().map(terms),
        details: Some(details(judged)),
    }
}

fn known_rule(of: soniq_schema::compat::rules::Rule) -> Rule {
    Rule {
        id: of.id(),
        title: of.row.title,
        help: of.row.help,
        explanation: rule::markdown(of),
        severity: match of.direction {
            Direction::Operational => Severity::Warning,
            Direction::Backward | Direction::Forward | Direction::Source => Severity::Error,
        },
    }
}

fn severity(level: Level) -> Severity {
    if level.fails() {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// All that people should know where they see nothing else of it.
fn message(judged: &Judged<'_>) -> String {
    let of = judged.finding;
    let mut lines = vec![format!("{}: {}", of.level, of.message)];
    lines.extend(facts(judged));
    lines.extend(
        judged
            .allowed()
            .map(|waiver| format!("waived {}", terms(waiver))),
    );
    lines.join("\n")
}

fn details(judged: &Judged<'_>) -> Value {
    let of = judged.finding;
    let mut details = Map::new();
    let mut put = |key: &str, value: Value| details.insert(key.to_owned(), value);
    put("task", json!(of.task));
    put("direction", json!(of.direction().to_string()));
    put("level", json!(of.level.to_string()));
    put("pointer", json!(of.pointer));
    if let Some(version) = of.old_version {
        put("oldVersion", json!(version));
    }
    if let Some(version) = of.new_version {
        put("newVersion", json!(version));
    }
    if let Some(value) = &of.witness {
        put("witness", value.clone());
    }
    Value::Object(details)
}
