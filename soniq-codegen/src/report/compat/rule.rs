//! What a rule of the gate means: its text, a change that it is about, and what the gate says of it.

use std::fmt::Write as _;

use soniq_schema::compat::rules::{Row, Rule};
use soniq_schema::compat::{Finding, Options, Released, compare};
use soniq_schema::{Contracts, load_sources};

use super::witness;
use crate::report::markdown::fenced;

/// Keys of a task. What else an example begins a line with is one of its arguments' schema.
const OF_TASK: [&str; 12] = [
    "version",
    "reserved",
    "queue",
    "priority",
    "retry",
    "timeout",
    "dedup_key",
    "unique",
    "schedule",
    "concurrency",
    "args",
    "result",
];

/// The rule as Markdown: a paragraph, the example before and after the change, and the findings of
/// comparing the two.
///
/// ```
/// let rule = soniq_schema::compat::rules::find("B013").unwrap();
/// let text = soniq_codegen::report::compat::rule::markdown(rule);
/// assert!(text.contains("Rows that hold null are refused."));
/// assert!(text.contains(r#"- B013 backward: breaking, for {"note":null}"#));
/// ```
pub fn markdown(rule: Rule) -> String {
    let row = rule.row;
    let mut out = format!("{}\n", row.explanation);
    for (title, example) in [("Before", row.before), ("After", row.after)] {
        let example = match example {
            "" => "# nothing",
            example => example,
        };
        let _ = write!(out, "\n{title}:\n\n{}\n", fenced("toml", example));
    }
    let findings = compared(row);
    let of_row = findings.iter().filter(|one| one.rule.row.name == row.name);
    out.push_str("\nOf this change the gate says:\n\n");
    for finding in of_row {
        let (id, direction, level) = (finding.id(), finding.direction(), finding.level);
        let _ = write!(out, "- {id} {direction}: {level}");
        if let Some(value) = &finding.witness {
            let _ = write!(out, ", for {}", witness::line(value));
        }
        out.push('\n');
    }
    out
}

/// What is found between the two halves of a row's example.
pub(super) fn compared(row: &Row) -> Vec<Finding> {
    let (old, new) = (loaded(row, row.before), loaded(row, row.after));
    compare(&Released::of(&old), &new, &Options::default())
}

fn loaded(row: &Row, example: &str) -> Contracts {
    let is_document = [row.before, row.after]
        .iter()
        .any(|example| example.starts_with('['));
    let text = contract(example, is_document);
    load_sources([("shop.toml".to_owned(), text)]).contracts
}

/// An example shows the lines that matter; this is the contract that they stand in.
fn contract(example: &str, is_document: bool) -> String {
    let mut text = "edition = '2026'\nnamespace = 'shop'\n".to_owned();
    if is_document {
        text.push_str(example);
        return text;
    }
    text.push_str("[tasks.ship]\nargs.type = 'object'\n");
    if !example.lines().any(|line| line.starts_with("version")) {
        text.push_str("version = 1\n");
    }
    for line in example.lines() {
        let key = line.split(['.', ' ', '=']).next().unwrap_or_default();
        let is_inside = !line.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_inside && !OF_TASK.contains(&key) {
            text.push_str("args.");
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use soniq_schema::compat::rules;
    use soniq_schema::diagnostic::{Style, render};

    use super::*;

    /// What an example cannot show without: a shape that breaks goes with a version that is left or
    /// stays, and a name that is to be reserved belonged to a property.
    fn is_companion(row: &str, other: &str) -> bool {
        match row {
            "version-not-bumped" => other == "type-changed",
            "name-not-reserved" => other == "optional-property-removed",
            "name-reused" => other == "optional-property-added",
            "version-lowered" => other == "version-not-retired",
            _ => other == "version-not-bumped",
        }
    }

    #[test]
    fn examples_are_contracts() {
        let mut failures = String::new();
        for row in rules::ROWS {
            let is_document = row.before.starts_with('[') || row.after.starts_with('[');
            for example in [row.before, row.after] {
                let text = contract(example, is_document);
                let loaded = load_sources([("shop.toml".to_owned(), text)]);
                if !loaded.is_ok() {
                    let sources = &loaded.contracts.sources;
                    let text = render(&loaded.diagnostics, sources, Style::Plain);
                    let _ = writeln!(failures, "{}:\n{text}", row.name);
                }
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    #[test]
    fn examples_show_what_their_rule_is_about() {
        let mut failures = Vec::new();
        for row in rules::ROWS {
            let findings = compared(row);
            for rule in rules::all().filter(|rule| rule.row.name == row.name) {
                if !findings.iter().any(|one| one.rule == rule) {
                    failures.push(format!("{} is not found by its example", rule.id()));
                }
            }
            for one in &findings {
                let name = one.rule.row.name;
                if name != row.name && !is_companion(row.name, name) {
                    failures.push(format!("{}: {} is found as well", row.name, one.id()));
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
