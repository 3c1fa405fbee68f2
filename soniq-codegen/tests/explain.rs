//! `soniq-codegen explain`. That the examples in the texts do what they say is tested beside them.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::path::Path;

mod command;

use command::{command, ended, run};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_code_in_either_case() {
    let ran = run(here(), &["explain", "E012"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_eq!(run(here(), &["explain", "e012"]).stdout, ran.stdout);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_code_of_generated_code() {
    let ran = run(here(), &["explain", "E104"]);
    assert_eq!(ran.status, 0);
    assert!(ran.stdout.starts_with("error[E104]: "), "{}", ran.stdout);
}

#[test]
fn a_rule_of_the_gate() {
    let ran = run(here(), &["explain", "b021"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn every_rule_says_what_comes_of_it() {
    for rule in soniq_schema::compat::rules::all() {
        let id = rule.id();
        let ran = run(here(), &["explain", id]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{id}");
        let title = format!("{}[{id}]: {}\n", rule.direction, rule.row.title);
        assert!(ran.stdout.starts_with(&title), "{}", ran.stdout);
        let verdict = format!("\n- {id} {}: ", rule.direction);
        assert!(ran.stdout.contains(&verdict), "{}", ran.stdout);
        assert!(
            ran.stdout
                .ends_with(&format!("\nhelp: {}\n", rule.row.help)),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn without_a_code_all_are_listed() {
    let ran = run(here(), &["explain"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let ids: Vec<_> = ran.stdout.lines().map(|line| &line[..4]).collect();
    assert!(ids.is_sorted() && ids.len() > 50, "{ids:?}");
    assert!(
        ran.stdout
            .contains("\nE012  two files declare one namespace\n")
    );
    assert!(
        ran.stdout
            .contains("\nF012  null becomes allowed (forward)\n")
    );
}

#[test]
fn an_unknown_code_leads_to_a_known_one() {
    for (asked, help) in [
        (
            "E12",
            "help: did you mean E012: two files declare one namespace?",
        ),
        (
            "l01",
            "help: did you mean L001: a default in a JSON file does not fit its schema?",
        ),
        ("b12", "help: did you mean B012: null becomes allowed?"),
        ("namespace", "help: `soniq-codegen explain` lists all codes"),
    ] {
        let ran = run(here(), &["explain", asked]);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
        assert_eq!(
            ran.stderr,
            format!("error: there is no code \"{asked}\"\n{help}\n")
        );
    }
}

#[test]
fn a_reader_that_went_away_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut explain = command(here(), &["explain"]);
    let output = explain.stdout(writer).output().unwrap();
    let ran = ended(output);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}
