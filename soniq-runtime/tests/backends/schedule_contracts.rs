//! Contracts' schedules against stored ones: added, changed, orphaned.

use std::time::Duration;

use serde_json::json;
use soniq_runtime::{CatchUp, ScheduleChange, ScheduleSpec, Scheduler, TaskSpec, Trigger};
use uuid::Uuid;

use crate::bed::{Bed, Table};

conformance! {
    contracts_schedules_are_stored_where_they_are_understood needs shared_tables;
    a_paused_schedule_stays_paused_through_a_change;
    a_change_keeps_the_history_and_what_an_outage_has_delayed;
    an_orphan_is_told_once_and_marked_and_still_fires;
    what_others_stored_is_nobodys_orphan needs shared_tables;
}

const EVERY_MINUTE: ScheduleSpec = ScheduleSpec {
    trigger: Trigger::Cron("* * * * *"),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 1}"#,
};

static PLAIN: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(EVERY_MINUTE);
static PLAIN_LATER: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(ScheduleSpec {
    trigger: Trigger::Every(Duration::from_secs(90)),
    ..EVERY_MINUTE
});
static PLAIN_OTHER_ARGS: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(ScheduleSpec {
    args: r#"{"n": 2}"#,
    ..EVERY_MINUTE
});
static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f").schedule(ScheduleSpec {
    timezone: Some("Europe/Berlin"),
    catch_up: CatchUp::All,
    ..EVERY_MINUTE
});

const MINUTE: Duration = Duration::from_secs(60);

fn added(task: &str) -> ScheduleChange {
    ScheduleChange::Added(task.to_owned())
}

fn changed(task: &str) -> ScheduleChange {
    ScheduleChange::Changed(task.to_owned())
}

fn orphaned(task: &str) -> ScheduleChange {
    ScheduleChange::Orphaned(task.to_owned())
}

async fn contracts_schedules_are_stored_where_they_are_understood(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    let changes = scheduler.reconcile().await.unwrap();
    assert_eq!(changes, [added("test.plain.v1"), added("test.zoned.v1")]);
    assert_eq!(scheduler.reconcile().await.unwrap(), []);
    assert_eq!(bed.rows(Table::RecurringJobs).await.len(), 1);
    assert_eq!(bed.rows(Table::Schedules).await.len(), 1);
}

async fn a_paused_schedule_stays_paused_through_a_change(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    let changes = scheduler.reconcile().await.unwrap();
    assert_eq!(changes, [added("test.plain.v1"), added("test.zoned.v1")]);
    assert_eq!(scheduler.reconcile().await.unwrap(), []);
    assert!(bed.soniq.schedules().pause("test.plain.v1").await.unwrap());
    let changes = Scheduler::new(&bed.soniq)
        .tasks([&PLAIN_LATER])
        .reconcile()
        .await
        .unwrap();
    assert_eq!(changes, [changed("test.plain.v1")]);
    let schedules = bed.soniq.schedules().list().await.unwrap();
    assert_eq!(schedules[0].status, "paused");
    assert_eq!(schedules[0].schedule_value, "90");
    assert_eq!(schedules[1].timezone, "Europe/Berlin");
}

async fn a_change_keeps_the_history_and_what_an_outage_has_delayed(bed: Bed) {
    let with = |task| Scheduler::new(&bed.soniq).tasks_of("billing", [task]);
    with(&PLAIN).reconcile().await.unwrap();
    for _ in 0..7 {
        bed.pass(MINUTE).await;
        with(&PLAIN).tick().await.unwrap();
    }
    bed.pass(60 * MINUTE).await;
    let before = bed.soniq.schedules().get("test.plain.v1").await.unwrap();
    let changes = with(&PLAIN_OTHER_ARGS).reconcile().await.unwrap();
    assert_eq!(changes, [changed("test.plain.v1")]);
    let after = bed.soniq.schedules().get("test.plain.v1").await.unwrap();
    assert_eq!(after.args, json!({ "n": 2 }));
    assert_eq!((after.id, after.run_count), (before.id, 7));
    assert_eq!(after.last_run, before.last_run);
    assert_eq!(after.next_run, before.next_run);
    assert_eq!(after.owners, ["billing"]);

    // Other times start anew.
    with(&PLAIN_LATER).reconcile().await.unwrap();
    let after = bed.soniq.schedules().get("test.plain.v1").await.unwrap();
    assert!(after.next_run > before.next_run);
    assert_eq!(after.run_count, 7);
}

async fn an_orphan_is_told_once_and_marked_and_still_fires(bed: Bed) {
    let with = |tasks: &[&'static TaskSpec]| {
        Scheduler::new(&bed.soniq).tasks_of("billing", tasks.iter().copied())
    };
    with(&[&PLAIN, &ZONED]).reconcile().await.unwrap();
    let shrunk = with(&[&PLAIN]);
    assert_eq!(
        shrunk.reconcile().await.unwrap(),
        [orphaned("test.zoned.v1")]
    );
    assert_eq!(shrunk.reconcile().await.unwrap(), []);
    let schedules = bed.soniq.schedules().list().await.unwrap();
    assert_eq!(schedules[0].orphaned_at, None);
    assert!(schedules[1].orphaned_at.is_some());
    assert_eq!(schedules[1].owners, ["billing"]);
    assert_eq!(schedules[1].status, "active");
    bed.pass(MINUTE).await;
    let firings = shrunk.tick().await.unwrap().unwrap();
    assert!(
        firings
            .iter()
            .any(|firing| firing.job_name == "test.zoned.v1")
    );

    // A contract has it again.
    assert_eq!(with(&[&PLAIN, &ZONED]).reconcile().await.unwrap(), []);
    let zoned = bed.soniq.schedules().get("test.zoned.v1").await.unwrap();
    assert_eq!(zoned.orphaned_at, None);

    // All of them gone, by a service that has no schedule left.
    let changes = with(&[]).reconcile().await.unwrap();
    assert_eq!(
        changes,
        [orphaned("test.plain.v1"), orphaned("test.zoned.v1")]
    );
}

async fn what_others_stored_is_nobodys_orphan(bed: Bed) {
    let stored = |name| {
        json!({
            "id": Uuid::now_v7(),
            "job_name": name,
            "schedule_type": "interval",
            "schedule_value": "60",
        })
    };
    bed.insert(Table::RecurringJobs, stored("python.made.v1"))
        .await;
    let of = |owner: &str, tasks: &[&'static TaskSpec]| {
        Scheduler::new(&bed.soniq).tasks_of(owner, tasks.iter().copied())
    };
    Scheduler::new(&bed.soniq)
        .tasks([&ZONED])
        .reconcile()
        .await
        .unwrap();
    // Two services have the same task: it is an orphan when the second one drops it, too.
    of("billing", &[&PLAIN]).reconcile().await.unwrap();
    assert_eq!(of("reports", &[&PLAIN]).reconcile().await.unwrap(), []);
    assert_eq!(of("billing", &[]).reconcile().await.unwrap(), []);
    let plain = bed.soniq.schedules().get("test.plain.v1").await.unwrap();
    assert_eq!(
        (plain.owners, plain.orphaned_at),
        (vec!["reports".to_owned()], None)
    );
    assert_eq!(
        of("reports", &[]).reconcile().await.unwrap(),
        [orphaned("test.plain.v1")]
    );

    // Soniq for Python replaces a row by another: from then on it is its own.
    of("reports", &[&PLAIN]).reconcile().await.unwrap();
    let own = json!({ "job_name": "test.plain.v1" });
    bed.delete(Table::RecurringJobs, own).await;
    bed.insert(Table::RecurringJobs, stored("test.plain.v1"))
        .await;
    assert_eq!(of("reports", &[]).reconcile().await.unwrap(), []);
    for schedule in bed.soniq.schedules().list().await.unwrap() {
        assert_eq!(schedule.orphaned_at, None, "{schedule:?}");
        assert!(schedule.owners.is_empty(), "{schedule:?}");
    }
    assert!(bed.rows(Table::ScheduleOwners).await.is_empty());
}
