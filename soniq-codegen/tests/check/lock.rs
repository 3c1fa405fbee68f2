//! What `lock` writes, and what it refuses to.

use std::fs;
use std::path::Path;

use crate::command::run;
use crate::team::Team;

#[test]
fn lock_writes_once() {
    let team = Team::new();
    let ran = team.lock(&[]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        "added billing.refund v1\nwrote contracts/contracts.lock\n"
    );
    let text = team.read("contracts/contracts.lock");
    assert!(text.contains("released = 2026-07-14"));
    let before = fs::metadata(team.file("contracts/contracts.lock")).unwrap();
    let ran = team.run(&["lock", "contracts"]);
    assert_eq!(ran.stdout, "contracts/contracts.lock is up to date\n");
    let after = fs::metadata(team.file("contracts/contracts.lock")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(team.file("contracts")).unwrap().count(), 2);
}

#[test]
fn the_companys_lock_file_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let ran = run(root, &["lock", "contracts", "--check"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(run(root, &["check", "contracts"]).status, 0);
}

#[test]
fn lock_check_says_what_to_run() {
    let team = Team::new();
    let ran = team.lock(&["--check"]);
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.stderr,
        "not up to date: contracts/contracts.lock\nrun: soniq-codegen lock contracts\n"
    );
    assert!(!team.file("contracts/contracts.lock").exists());
    team.lock(&[]);
    assert_eq!(team.lock(&["--check"]).status, 0);
    team.change("queue = \"money\"", "queue = \"cash\"");
    assert_eq!(team.lock(&["--check"]).status, 1);
}

#[test]
fn what_was_released_is_not_rewritten() {
    let team = Team::locked();
    let before = team.read("contracts/contracts.lock");
    team.change("maxLength = 40", "maxLength = 4");
    let ran = team.lock(&[]);
    assert_eq!(ran.status, 1);
    insta::assert_snapshot!(ran.stderr);
    assert_eq!(team.read("contracts/contracts.lock"), before);
}

#[test]
fn what_is_locked_was_shown() {
    let team = Team::locked();
    team.change("queue = \"money\"", "queue = \"cash\"");
    let ran = team.lock(&[]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.stderr.contains("the queue was \"money\""),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("updated how billing.refund v1 is run"));
    assert_eq!(
        team.check(&[]).stdout,
        "no changes against contracts/contracts.lock: compatible\n"
    );
}
