//! `bump`: another version of a task, comments kept.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;

mod command;

use command::{Ran, run};

const REFUND: &str = r##"edition = "2026"
namespace = "billing"

# Money goes back.
[tasks.refund]
version = 1 # since 2024
description = "Return money."

# What is refunded.
[tasks.refund.args]
type = "object"
required = ["payment"]
[tasks.refund.args.properties]
payment = { type = "string", maxLength = 40 } # as the bank has it
lines   = { type = "array", items = { "$ref" = "#/types/Line" } }

[[tasks.refund.examples]]
payment = "p1"

[types.Line]
type = "object"
properties.parts = { type = "array", items = { "$ref" = "#/types/Line" } }

[tasks.other]
version = 1
args.type = "object"
"##;

struct Team(tempfile::TempDir);

impl Team {
    fn with(text: &str) -> Self {
        let team = Team(tempfile::tempdir().unwrap());
        fs::create_dir(team.0.path().join("contracts")).unwrap();
        team.write(text);
        team
    }

    fn write(&self, text: &str) {
        fs::write(self.0.path().join("contracts/billing.toml"), text).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.path().join("contracts/billing.toml")).unwrap()
    }

    fn run(&self, args: &[&str]) -> Ran {
        run(self.0.path(), args)
    }

    fn lock(&self) {
        let ran = self.run(&["lock", "contracts", "--date", "2026-07-14"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }

    fn bump(&self, task: &str) -> Ran {
        self.run(&["bump", "contracts", task])
    }

    /// Whether rows that are there and rows that are new are run.
    fn rows_are_safe(&self) {
        let ran = self.run(&["check", "contracts", "--only", "backward,forward"]);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_arguments_are_kept_and_may_be_changed() {
    let team = Team::with(REFUND);
    team.lock();
    let ran = team.bump("billing.refund");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
    insta::assert_snapshot!(team.text());
    team.rows_are_safe();
    team.write(&team.text().replacen("maxLength = 40", "maxLength = 4", 1));
    team.rows_are_safe();
    team.lock();
    // Another release, another version.
    assert_eq!(team.bump("refund").status, 0);
    assert!(
        team.text().contains("version = 3 # since 2024"),
        "{}",
        team.text()
    );
    assert!(
        team.text().contains("[tasks.refund.retired.v2.args]"),
        "{}",
        team.text()
    );
    team.rows_are_safe();
}

#[test]
fn arguments_that_were_changed_already_come_from_the_lock_file() {
    let team = Team::with(REFUND);
    team.lock();
    team.write(&REFUND.replace("maxLength = 40", "maxLength = 4"));
    let ran = team.bump("billing.refund.v1");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    insta::assert_snapshot!(team.text());
    team.rows_are_safe();
}

#[test]
fn a_version_that_was_raised_by_hand_is_completed() {
    let team = Team::with(REFUND);
    team.lock();
    team.write(
        &REFUND
            .replace("maxLength = 40", "maxLength = 4")
            .replace("version = 1 #", "version = 4 #"),
    );
    let ran = team.bump("refund");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        team.text().contains("version = 4 # since 2024"),
        "{}",
        team.text()
    );
    assert!(
        team.text().contains("[tasks.refund.retired.v1.args"),
        "{}",
        team.text()
    );
    team.rows_are_safe();
    // It was not released, so that there is nothing to keep of it.
    let before = team.text();
    let ran = team.bump("refund");
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("was not released yet"),
        "{}",
        ran.stderr
    );
    assert_eq!(team.text(), before);
}

#[test]
fn every_way_to_write_a_task() {
    for task in [
        "[tasks.t]\nversion = 1\nargs.type = 'object'\nargs.properties.a = { type = 'string' }",
        "[tasks.t]\nversion = 2\nargs = { type = 'object' }\nretired.v1.args = { type = 'object' }",
        "[tasks.t]\nversion = 2\nargs = { type = 'object' }\nretired = { v1 = { args = { type = 'object' } } }",
        "[tasks]\nt = { version = 2, args = { type = 'object' }, retired = { v1 = { args = { type = 'object' } } } }",
        "[tasks]\nt = { version = 1, args = { type = 'object', properties = { a = { type = 'string' } } } }",
        "[tasks]\nt.version = 1\nt.args.type = 'object'",
        "[tasks.t]\nversion = 1\n[tasks.t.args]\ntype = 'object'\n[tasks.t.args.properties.a]\ntype = 'string'\n[[tasks.t.args.properties.b.anyOf]]\ntype = 'string'\n[[tasks.t.args.properties.b.anyOf]]\ntype = 'integer'",
        "[tasks.t]\nversion = 1\nname = 'old.t.v1'\nargs.type = 'object'",
        "[tasks.t]\nversion = 1\nargs = { '$ref' = '#/types/T' }\n[types.T]\ntype = 'object'",
        "[tasks.t]\r\nversion = 1\r\nargs.type = 'object'\r\n",
    ] {
        let text = format!("edition = '2026'\nnamespace = 'a'\n{task}\n");
        let team = Team::with(&text);
        let ran = team.bump("a.t");
        assert_eq!(ran.status, 0, "{task}: {}", ran.stderr);
        team.lock();
        // What was changed is only what has to be.
        let after = team.text();
        let lines = after.lines().filter(|line| !text.contains(line.trim()));
        let unknown: Vec<_> = lines
            .filter(|line| {
                !line.contains("version = ") && !line.contains("retired") && !line.contains("name")
            })
            .collect();
        assert!(unknown.is_empty(), "{after}\n{unknown:?}");
        // The next one needs no other way.
        assert_eq!(team.bump("a.t").status, 0, "{after}");
    }
}

#[test]
fn what_cannot_be_bumped_is_left_alone() {
    for (text, task, expected) in [
        (
            REFUND.to_owned(),
            "refnd",
            "no contract has a task \"refnd\"",
        ),
        (
            REFUND.replace("version = 1 #", "version = 0 #"),
            "refund",
            "the contracts have errors",
        ),
        (
            REFUND.replace("version = 1 #", "name = 'pay'\nversion = 1 #"),
            "refund",
            "does not tell versions apart",
        ),
    ] {
        let team = Team::with(&text);
        let ran = team.bump(task);
        assert_ne!(ran.status, 0, "{}", ran.stdout);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert_eq!(team.text(), text);
    }
    let team = Team::with(REFUND);
    let other = REFUND.replace("\"billing\"", "\"shop\"");
    fs::write(team.0.path().join("contracts/shop.toml"), other).unwrap();
    let ran = team.bump("refund");
    assert!(
        ran.stderr.contains("as in `billing.refund`"),
        "{}",
        ran.stderr
    );
    assert_eq!(team.bump("shop.refund").status, 0);
    assert_eq!(team.text(), REFUND);
}

/// A year of one task: each step is what the gate wants, and what it does not want it refuses.
#[test]
fn a_year_of_changes() {
    let team = Team::with(REFUND);
    let change = |from: &str, to: &str| {
        let text = team.text();
        assert!(text.contains(from), "{from}: {text}");
        team.write(&text.replacen(from, to, 1));
    };
    let check = || {
        team.run(&["check", "contracts", "--only", "backward,forward"])
            .status
    };
    team.lock();
    // Something is added.
    change("lines   =", "reason  = { type = \"string\" }\nlines   =");
    assert_eq!(check(), 0);
    team.lock();
    // It is used no more, and its name stays taken.
    let added = "reason  = { type = \"string\" }\n";
    change(added, "");
    assert_eq!(check(), 1);
    change("version = 1", "reserved = [\"reason\"]\nversion = 1");
    assert_eq!(check(), 0);
    team.lock();
    // A shape that rows do not have needs a version.
    change("payment = \"p1\"", "payment = \"p1\"\nlines = []");
    change("[\"payment\"]", "[\"payment\", \"lines\"]");
    assert_eq!(check(), 1);
    assert_eq!(team.run(&["lock", "contracts"]).status, 1);
    assert_eq!(team.bump("refund").status, 0);
    assert_eq!(check(), 0);
    team.lock();
    // It is not forgotten while there are rows of it.
    let with_version = team.text();
    let retired = with_version.find("[tasks.refund.retired.v1").unwrap();
    let end = with_version[retired..]
        .find("[types.Line]")
        .map_or(with_version.len(), |at| retired + at);
    team.write(&format!(
        "{}{}",
        &with_version[..retired],
        &with_version[end..]
    ));
    assert_eq!(check(), 1);
    let census =
        r#"{"version": 1, "database": "b", "taken_at": "2027-01-01T00:00:00Z", "tasks": []}"#;
    fs::write(team.0.path().join("census.json"), census).unwrap();
    let ran = team.run(&["lock", "contracts", "--prune", "census.json"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(check(), 0);
}
