//! schedules list | pause | resume | run | remove.

use serde_json::json;

use crate::support::Bed;

/// One in each table.
async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_recurring_jobs (id, job_name, schedule_type, schedule_value, next_run)
         VALUES (gen_random_uuid(), 'a.plain.v1', 'interval', '3600', now() + interval '1 h');
         INSERT INTO soniq_schedules
           (id, job_name, schedule_type, schedule_value, next_run, timezone, job_kwargs, unique_job)
         VALUES (gen_random_uuid(), 'a.zoned.v1', 'cron', '0 3 * * *', now() + interval '1 h',
           'Europe/Berlin', '{\"n\": 1}', true)",
    )
    .await;
    bed
}

/// As a scheduler marks one that its contracts have no more.
const ORPHAN: &str = "INSERT INTO soniq_schedule_owners (schedule_id, owner, dropped_at)
    SELECT id, 'billing', '2026-01-02T03:04:05Z' FROM soniq_schedules";

#[tokio::test]
async fn schedules_are_paused_and_resumed() {
    let bed = bed().await;
    let paused = bed.run(&["schedules", "pause", "a.plain.v1", "a.zoned.v1"]);
    assert_eq!(paused.ok(), "paused a.plain.v1\npaused a.zoned.v1\n");
    let again = bed.run(&["schedules", "pause", "a.plain.v1"]);
    assert_eq!(again.stderr, "a.plain.v1 is already paused\n");
    assert_eq!(again.ok(), "");
    let list = bed.run(&["schedules", "list", "--json"]).json();
    assert_eq!(list[0]["status"], "paused");
    assert_eq!(list[1]["status"], "paused");

    let resumed = bed.run(&["schedules", "resume", "a.plain.v1"]).ok();
    assert_eq!(resumed, "resumed a.plain.v1\n");
    let again = bed.run(&["schedules", "resume", "a.plain.v1"]);
    assert_eq!(again.stderr, "a.plain.v1 is not paused\n");
    assert_eq!(again.ok(), "");

    for verb in ["pause", "resume", "run"] {
        assert_eq!(
            bed.run(&["schedules", verb, "a.palin.v1"]).error(),
            "no schedule of a.palin.v1 is stored: `soniq schedules list` shows those that are"
        );
        assert_eq!(bed.run(&["schedules", verb]).status, Some(2));
    }
}

#[tokio::test]
async fn a_schedule_is_run_now() {
    let bed = bed().await;
    let first = bed.run(&["schedules", "run", "a.zoned.v1"]).ok();
    let job = bed.row("soniq_jobs", first.trim()).await;
    assert_eq!(job["job_name"], "a.zoned.v1");
    assert_eq!(job["args"], json!({ "n": 1 }));
    let again = bed.run(&["schedules", "run", "a.zoned.v1"]);
    assert_eq!(
        again.stderr,
        "note: nothing was written, a queued job has the same arguments\n"
    );
    assert_eq!(again.ok(), first);
    let later = "SELECT count(*) FROM soniq_schedules WHERE next_run > now() AND run_count = 0";
    assert_eq!(bed.count(later).await, 1);
}

#[tokio::test]
async fn orphans_and_what_cannot_fire_are_marked() {
    let bed = bed().await;
    bed.sql(ORPHAN).await;
    bed.sql("UPDATE soniq_recurring_jobs SET schedule_value = 'soon'")
        .await;
    let table = bed.run(&["schedules", "list"]).ok();
    assert!(
        table.contains("orphan of billing since 2026-01-02T03:04:05Z ("),
        "{table}"
    );
    assert!(
        table.contains("cannot fire: \"soon\" is no number of seconds above 0"),
        "{table}"
    );
    let list = bed.run(&["schedules", "list", "--json"]).json();
    assert_eq!(list[0]["orphaned_at"], json!(null));
    assert_eq!(list[0]["owners"], json!([]));
    assert_eq!(list[1]["orphaned_at"], "2026-01-02T03:04:05Z");
    assert_eq!(list[1]["owners"], json!(["billing"]));
    assert_eq!(list[1]["problem"], json!(null));
}

#[tokio::test]
async fn removing_asks_and_can_be_looked_at_first() {
    let bed = bed().await;
    let stored = "SELECT (SELECT count(*) FROM soniq_recurring_jobs)
                    + (SELECT count(*) FROM soniq_schedules)";
    assert_eq!(
        bed.run(&["schedules", "remove", "a.plain.v1"]).error(),
        "this would remove 1 schedule: confirm with --yes, or look first with --dry-run \
         (there is no terminal to ask on)"
    );
    let dry = bed.run(&[
        "schedules",
        "remove",
        "a.plain.v1",
        "a.zoned.v1",
        "--dry-run",
    ]);
    assert_eq!(
        dry.stderr,
        "would remove 2 schedules; nothing was changed\n"
    );
    assert_eq!(
        dry.ok(),
        "would remove a.plain.v1\nwould remove a.zoned.v1\n"
    );
    let none = bed.run(&["schedules", "remove", "--orphaned", "--yes"]);
    assert_eq!(none.stderr, "no orphaned schedules\n");
    none.ok();
    assert_eq!(bed.count(stored).await, 2);
    assert_eq!(bed.run(&["schedules", "remove", "--yes"]).status, Some(2));

    bed.sql(ORPHAN).await;
    let removed = bed.run(&["schedules", "remove", "--orphaned", "--yes"]);
    assert_eq!(removed.ok(), "removed a.zoned.v1\n");
    let unknown = bed.run(&["schedules", "remove", "a.zoned.v1", "a.plain.v1", "--yes"]);
    assert_eq!(unknown.status, Some(1));
    assert_eq!(unknown.stdout, "removed a.plain.v1\n");
    assert!(
        unknown.stderr.contains("no schedule of a.zoned.v1"),
        "{unknown:?}"
    );
    assert_eq!(bed.count(stored).await, 0);
}

#[tokio::test]
async fn one_that_contracts_have_comes_back_and_that_is_said() {
    let bed = bed().await;
    bed.sql("INSERT INTO soniq_schedule_owners (schedule_id, owner) SELECT id, 'billing' FROM soniq_schedules")
        .await;
    let removed = bed.run(&["schedules", "remove", "a.zoned.v1", "--yes"]);
    assert!(
        removed.stderr.contains(
            "a.zoned.v1 is still in contracts of billing: \
             a scheduler of theirs stores it again at its start"
        ),
        "{removed:?}"
    );
    removed.ok();
}
