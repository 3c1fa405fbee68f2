//! What `check` says against the lock file.

use std::fs;

use crate::team::{Team, assert_not_run};

#[test]
fn check_quotes_both_places() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let ran = team.check(&[]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_harmless_change_is_compatible() {
    let team = Team::locked();
    team.change(
        "maxLength = 40 }",
        "maxLength = 40 }\nnote = { type = \"string\" }",
    );
    let ran = team.check(&["--only", "backward,forward"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
}

#[test]
fn every_shape_that_was_released_counts() {
    let team = Team::locked();
    team.change("[\"payment\"]", "[\"charge\"]");
    team.change("payment = {", "charge = { x-aliases = [\"payment\"],");
    let ran = team.lock(&[]);
    assert!(
        ran.status == 1 && ran.stderr.contains("older workers"),
        "{}",
        ran.stderr
    );
    // Everybody was deployed; only older rows are left.
    let waivers = team
        .check(&["--write-waiver", "--only", "backward,forward"])
        .stdout;
    let waivers = waivers
        .split_once("compatible\n")
        .unwrap()
        .1
        .replace("\"\"", "\"all deployed\"");
    team.write(
        "contracts/billing.toml",
        &(team.read("contracts/billing.toml") + &waivers),
    );
    let ran = team.lock(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    team.change("x-aliases = [\"payment\"], ", "");
    let ran = team.check(&["--only", "backward"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("(rows from before 2026-07-14)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn only_narrows_the_verdict() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 80");
    assert_eq!(team.check(&[]).status, 1);
    assert_eq!(team.check(&["--only", "forward"]).status, 1);
    let ran = team.check(&["--only", "backward,source,operational"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(!ran.stdout.contains("F0"), "{}", ran.stdout);
}

#[test]
fn documents_stand_alone_on_stdout() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let ran = team.check(&["--format", "json", "--write-waiver"]);
    assert_eq!(ran.status, 1);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["compatible"], false);
    assert!(ran.stderr.contains("compat.allow"));
    let ran = team.check(&["--format", "json", "--against", "nowhere"]);
    assert_eq!(ran.status, 2);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["diagnostics"][0]["code"], "E053");
}

#[test]
fn without_a_lock_file_nothing_is_compared() {
    let team = Team::new();
    assert_not_run(&team.check(&[]), "run `soniq-codegen lock contracts`");
}

#[test]
fn contracts_with_errors_are_not_compared() {
    let team = Team::locked();
    team.change("version = 1", "version = 0");
    assert_not_run(&team.check(&[]), "error[E");
    let before = team.read("contracts/contracts.lock");
    assert_not_run(&team.lock(&[]), "nothing was written");
    assert_eq!(team.read("contracts/contracts.lock"), before);
}

#[test]
fn a_lock_file_that_is_not_sound_is_left_alone() {
    let sound = Team::locked().read("contracts/contracts.lock");
    let block = sound.find("\n[tasks").unwrap();
    for (broken, expected) in [
        (
            sound.replace("\"maxLength\": 40", "\"maxLength\": 80"),
            "E051",
        ),
        (sound[..sound.len() / 2].to_owned(), "was cut off"),
        (
            sound.replace("\nversion = 1\n", "\nversion = 7\n"),
            "has format 7",
        ),
        (
            format!("{}\n<<<<<<< ours{}", &sound[..block], &sound[block..]),
            "keep the blocks of both",
        ),
        (String::new(), "was cut off"),
    ] {
        let team = Team::new();
        team.write("contracts/contracts.lock", &broken);
        assert_not_run(&team.check(&[]), expected);
        assert!(team.check(&[]).stderr.contains("contracts/contracts.lock:"));
        assert_not_run(&team.lock(&[]), expected);
        assert_not_run(&team.run(&["bump", "contracts", "refund"]), expected);
        assert_eq!(team.read("contracts/contracts.lock"), broken);
    }
    let team = Team::new();
    fs::write(team.file("contracts/contracts.lock"), [0xff, 0xfe]).unwrap();
    assert_not_run(&team.check(&[]), "it is not UTF-8");
    assert_not_run(&team.lock(&[]), "it is not UTF-8");
}
