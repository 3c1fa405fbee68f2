//! `--census` and `--prune`: versions that have no rows.

use crate::team::{REFUND, Team, assert_not_run};

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
