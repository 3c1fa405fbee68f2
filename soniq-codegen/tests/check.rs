//! `check` and `lock`: the gate as a team meets it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod command;

use command::{Ran, run};

const REFUND: &str = r#"edition = "2026"
namespace = "billing"
[tasks.refund]
version = 1
queue = "money"
[tasks.refund.args]
type = "object"
required = ["payment"]
[tasks.refund.args.properties]
payment = { type = "string", maxLength = 40 }
"#;

/// A folder with contracts and, if asked, git.
struct Team(tempfile::TempDir);

impl Team {
    fn new() -> Self {
        let team = Team(tempfile::tempdir().unwrap());
        team.write("contracts/billing.toml", REFUND);
        team
    }

    /// With the contracts locked on 14 July 2026.
    fn locked() -> Self {
        let team = Team::new();
        assert_eq!(team.lock(&[]).status, 0);
        team
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Changes the contract, once in its text.
    fn change(&self, from: &str, to: &str) {
        let text = self.read("contracts/billing.toml");
        assert_eq!(text.matches(from).count(), 1, "{from}");
        self.write("contracts/billing.toml", &text.replace(from, to));
    }

    fn run(&self, args: &[&str]) -> Ran {
        run(self.path(), args)
    }

    fn lock(&self, args: &[&str]) -> Ran {
        self.run(&[&["lock", "contracts", "--date", "2026-07-14"], args].concat())
    }

    fn check(&self, args: &[&str]) -> Ran {
        self.run(&[&["check", "contracts", "--today", "2026-07-14"], args].concat())
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "state"]);
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn assert_not_run(ran: &Ran, expected: &str) {
    assert_eq!(ran.status, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

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
    let mut command = command::command(team.path(), &["check", "contracts", "--against", "HEAD"]);
    command
        .env("GIT_DIR", ".git")
        .env("GIT_INDEX_FILE", ".git/index");
    assert_eq!(command::ended(command.output().unwrap()).status, 0);
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

fn census(tasks: &str) -> String {
    format!(
        r#"{{"version": 1, "database": "billing", "taken_at": "2026-07-14T09:30:00Z", "tasks": [{tasks}]}}"#
    )
}

fn counted(task: &str, table: &str, count: u64) -> String {
    format!(
        r#"{{"task": "{task}", "table": "{table}", "count": {count}, "oldest": null, "newest": null}}"#
    )
}

#[test]
fn versions_without_rows_are_not_compared() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let check = |tasks: &str| {
        team.write("census.json", &census(tasks));
        team.check(&["--census", "census.json", "--only", "backward"])
    };
    let jobs = counted("billing.refund.v1", "soniq_jobs", 0);
    let dead = counted("billing.refund.v1", "soniq_dead_letter_jobs", 2);
    let ran = check(&jobs);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert_eq!(
        ran.stderr,
        "census of \"billing\", taken at 2026-07-14T09:30:00Z\n"
    );
    assert_eq!(check("").status, 0);
    assert_eq!(check(&format!("{jobs}, {dead}")).status, 1);
    let other = counted("shop.place_order.v1", "soniq_jobs", 5);
    assert_eq!(check(&format!("{other}, {jobs}")).status, 0);
    assert_not_run(&check(&other), "is it one of another database?");
}

#[test]
fn a_census_that_cannot_be_used() {
    let team = Team::locked();
    let good = census("");
    for (text, expected) in [
        (good[..40].to_owned(), "census.json:1:40: this is no census"),
        (
            good.replace("\"version\": 1", "\"version\": 2"),
            "has format 2",
        ),
        (
            good.replace("2026-07-14T09:30:00Z", "yesterday"),
            "which is no time",
        ),
        (
            good.replace("database", "datebase"),
            "missing field `database`",
        ),
        (census(r#"{"task": "a", "count": -1}"#), "this is no census"),
        ("[]".to_owned(), "this is no census"),
    ] {
        team.write("census.json", &text);
        assert_not_run(&team.check(&["--census", "census.json"]), expected);
        assert_not_run(&team.lock(&["--prune", "census.json"]), expected);
    }
    assert_not_run(
        &team.check(&["--census", "none.json"]),
        "cannot read none.json",
    );
}

#[test]
fn a_version_leaves_the_lock_file_with_its_last_row() {
    let team = Team::locked();
    team.write(
        "contracts/billing.toml",
        &REFUND.replace("tasks.refund", "tasks.repay"),
    );
    assert_eq!(team.lock(&[]).status, 1);
    let prune = ["--prune", "census.json"];
    team.write(
        "census.json",
        &census(&counted("billing.refund.v1", "soniq_jobs", 1)),
    );
    assert_eq!(team.lock(&prune).status, 1);
    team.write("census.json", &census(""));
    let ran = team.lock(&prune);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stdout
            .contains("removed billing.refund v1, which has no rows")
    );
    assert!(!team.read("contracts/contracts.lock").contains("refund"));
}

/// Adds what `--write-waiver` proposes, completed.
fn waive(team: &Team) {
    let proposed = team.check(&["--write-waiver"]).stdout;
    let proposed = proposed.split_once("compatible\n").unwrap().1;
    let proposed = proposed
        .replace("reason  = \"\"", "reason  = \"No payment is that long.\"")
        .replace("owner   = \"\"", "owner   = \"payments-team\"");
    let text = team.read("contracts/billing.toml");
    team.write("contracts/billing.toml", &(text + &proposed));
}

#[test]
fn a_waiver_allows_until_it_expires() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let empty = team.check(&["--write-waiver"]).stdout;
    insta::assert_snapshot!(empty.split_once("compatible\n").unwrap().1);
    waive(&team);
    let ran = team.check(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    insta::assert_snapshot!(ran.stdout.lines().last().unwrap());
    assert!(
        ran.stdout
            .contains("waived until 2026-08-13 by payments-team")
    );
    let on = |day| team.run(&["check", "contracts", "--today", day]);
    assert_eq!(on("2026-08-13").status, 0);
    let ran = on("2026-08-14");
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout
            .contains("error[E052]: the waiver of B024 at /args/payment expired"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("breaking[B024]"));

    // Once it is released, there is nothing to allow.
    let ran = team.lock(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let ran = team.check(&[]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.stdout
            .contains("warning[L016]: nothing is found by B024"),
        "{}",
        ran.stdout
    );
    assert!(!team.check(&["--only", "forward"]).stdout.contains("L016"));
}

#[test]
fn a_waiver_is_completed_and_exact() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let proposed = team.check(&["--write-waiver"]).stdout;
    let proposed = proposed.split_once("compatible\n").unwrap().1;
    let text = team.read("contracts/billing.toml");
    team.write("contracts/billing.toml", &format!("{text}{proposed}"));
    assert_not_run(&team.check(&[]), "the waiver has no `reason`");
    let completed = proposed.replace("\"\"", "\"x\"");
    for other in [
        completed.replace("/args/payment", "/args/*"),
        completed.replace("/args/payment", "/args"),
        completed.replace("B024", "F024"),
        completed.replace("B024", "*"),
    ] {
        team.write("contracts/billing.toml", &format!("{text}{other}"));
        let ran = team.check(&[]);
        assert_eq!(ran.status, 1, "{}", ran.stdout);
        assert!(ran.stdout.contains("L016"), "{}", ran.stdout);
    }
}
