//! `check --against`: folders, lock files and git refs.

use std::fs;

use crate::command::run;
use crate::team::{REFUND, Team, assert_not_run, git};

#[test]
fn against_a_folder_or_another_lock_file() {
    let team = Team::locked();
    team.write("old/billing.toml", REFUND);
    fs::copy(team.file("contracts/contracts.lock"), team.file("old.lock")).unwrap();
    team.change("maxLength = 40", "maxLength = 4");
    for (against, place) in [("old", "old/billing.toml:10:"), ("old.lock", "old.lock:")] {
        let ran = team.check(&["--against", against]);
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        assert!(ran.stdout.contains(place), "{}", ran.stdout);
    }
    team.write("broken/billing.toml", "edition = 2026");
    assert_not_run(
        &team.check(&["--against", "broken"]),
        "broken/billing.toml:1:",
    );
    assert_not_run(
        &team.check(&["--against", "old/billing.toml"]),
        "was cut off",
    );
}

#[test]
fn against_a_git_ref() {
    let team = Team::new();
    team.git(&["init", "-q"]);
    team.write(
        "contracts/schemas/note.json",
        r#"{"type": "string", "maxLength": 9}"#,
    );
    team.change(
        "maxLength = 40 }",
        "maxLength = 40 }\nnote = { \"$ref\" = \"schemas/note.json\" }",
    );
    team.commit();
    team.git(&["tag", "v1"]);
    assert_eq!(team.check(&["--against", "v1"]).status, 0);
    team.write(
        "contracts/schemas/note.json",
        r#"{"type": "string", "maxLength": 8}"#,
    );
    for against in ["v1", "HEAD", "main", "refs/heads/main"] {
        let ran = team.check(&["--against", against, "--only", "backward"]);
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        let place = format!("{against}:contracts/schemas/note.json:1:");
        assert!(ran.stdout.contains(&place), "{}", ran.stdout);
    }
    // From elsewhere, and in a worktree.
    team.write("services/app/x", "");
    let ran = run(
        &team.file("services/app"),
        &["check", "../../contracts", "--against", "v1"],
    );
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    team.commit();
    team.git(&["worktree", "add", "-q", "other", "v1"]);
    let ran = run(
        &team.file("other"),
        &["check", "contracts", "--against", "main"],
    );
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    // As a hook, whose environment speaks of the folder above.
    let mut command =
        crate::command::command(team.path(), &["check", "contracts", "--against", "HEAD"]);
    command
        .env("GIT_DIR", ".git")
        .env("GIT_INDEX_FILE", ".git/index");
    assert_eq!(crate::command::ended(command.output().unwrap()).status, 0);
}

#[test]
fn contracts_at_the_root_of_a_repository() {
    let team = Team::new();
    let root = team.file("contracts");
    team.write("contracts/note.json", r#"{"type": "string"}"#);
    team.change(
        "maxLength = 40 }",
        "maxLength = 40 }\nnote = { \"$ref\" = \"note.json\" }",
    );
    git(&root, &["init", "-q"]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "state"]);
    git(&root, &["branch", "release/1"]);
    let ran = run(&root, &["check", ".", "--against", "release/1"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    team.change("maxLength = 40", "maxLength = 4");
    let ran = run(&root, &["check", ".", "--against", "release/1"]);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("release/1:./billing.toml:10:"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_git_ref_that_cannot_be_had() {
    let team = Team::new();
    assert_not_run(
        &team.check(&["--against", "main"]),
        "is in no git repository",
    );
    team.git(&["init", "-q"]);
    team.write("contracts/billing.toml", REFUND);
    team.git(&["commit", "-q", "--allow-empty", "-m", "empty"]);
    team.git(&["tag", "empty"]);
    assert_not_run(
        &team.check(&["--against", "empty"]),
        "has no contracts in contracts/",
    );
    team.commit();
    assert_not_run(
        &team.check(&["--against", "v9"]),
        "no file, folder or git ref v9",
    );
    assert_not_run(&team.check(&["--against=--output=x"]), "is no git ref");
    assert_not_run(&team.check(&["--against", ""]), "is no git ref");
    fs::write(team.file("contracts/billing.toml"), [0xff]).unwrap();
    team.commit();
    team.git(&["tag", "binary"]);
    team.write("contracts/billing.toml", REFUND);
    assert_not_run(&team.check(&["--against", "binary"]), "it is not UTF-8");
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let team = Team::new();
    team.git(&["init", "-q"]);
    team.commit();
    team.git(&["branch", "old"]);
    team.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
    let clone = tempfile::tempdir().unwrap();
    let origin = format!("file://{}", team.path().display());
    git(
        clone.path(),
        &["clone", "-q", "--depth=1", &origin, "clone"],
    );
    let folder = clone.path().join("clone");
    let check = |against| run(&folder, &["check", "contracts", "--against", against]);
    assert_not_run(
        &check("HEAD~1"),
        "in this shallow clone: run `git fetch --unshallow`",
    );
    let expected = "git fetch --depth=1 origin old:refs/remotes/origin/old";
    assert_not_run(&check("origin/old"), expected);
    let fetch: Vec<_> = expected.split(' ').skip(1).collect();
    git(&folder, &fetch);
    assert_eq!(check("origin/old").status, 0);
}
