//! Pause, resume, run now, remove.

use std::time::Duration;

use serde_json::json;
use soniq_runtime::{
    Backoff, CatchUp, Error, RetrySpec, ScheduleSpec, Scheduler, TaskSpec, Trigger,
};

use crate::bed::{Bed, Table};

conformance! {
    a_paused_schedule_makes_up_for_nothing_when_it_is_resumed;
    what_is_still_to_come_stays_as_it_is;
    what_cannot_be_read_is_resumed_as_it_is needs shared_tables;
    run_now_enqueues_one_job_and_shifts_nothing;
    arguments_that_are_no_object_are_not_enqueued needs shared_tables;
    a_removed_schedule_is_gone_and_an_unknown_one_is_told;
}

static PLAIN: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(ScheduleSpec {
    trigger: Trigger::Every(Duration::from_secs(60)),
    timezone: None,
    catch_up: CatchUp::One,
    args: "{}",
});

static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f")
    .queue("reports")
    .priority(7)
    .unique()
    .retry(RetrySpec {
        max_attempts: Some(2),
        backoff: Backoff::Fixed(Duration::ZERO),
        max_delay: None,
        jitter: false,
    })
    .schedule(ScheduleSpec {
        trigger: Trigger::Cron("0 3 * * *"),
        timezone: Some("Europe/Berlin"),
        catch_up: CatchUp::All,
        args: r#"{"n": 1}"#,
    });

const NAMES: [&str; 2] = ["test.plain.v1", "test.zoned.v1"];

/// One schedule of each kind, due for days.
async fn overdue(bed: &Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    scheduler.reconcile().await.unwrap();
    // The first is due every 60 s: the next time is 30 s away.
    let half_a_minute = Duration::from_secs(30);
    bed.pass(Duration::from_secs(4 * 86_400) + half_a_minute)
        .await;
}

async fn a_paused_schedule_makes_up_for_nothing_when_it_is_resumed(bed: Bed) {
    overdue(&bed).await;
    let schedules = bed.soniq.schedules();
    let scheduler = Scheduler::new(&bed.soniq);
    for task in NAMES {
        assert!(schedules.pause(task).await.unwrap());
        assert!(!schedules.pause(task).await.unwrap());
        assert_eq!(schedules.get(task).await.unwrap().status, "paused");
    }
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
    for task in NAMES {
        assert!(schedules.resume(task).await.unwrap());
        assert!(!schedules.resume(task).await.unwrap());
    }
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
    // In phase, however long it was paused.
    let now = bed.now().await;
    let plain = schedules.get("test.plain.v1").await.unwrap();
    let next = plain.next_run.unwrap() - now;
    assert!((20..=30).contains(&next.num_seconds()), "{next}");
    let zoned = schedules.get("test.zoned.v1").await.unwrap();
    let next = zoned.next_run.unwrap();
    assert!((0..=25).contains(&(next - now).num_hours()), "{next}");
    let next = jiff::Timestamp::from_second(next.timestamp()).unwrap();
    assert_eq!(next.in_tz("Europe/Berlin").unwrap().hour(), 3);
}

async fn what_is_still_to_come_stays_as_it_is(bed: Bed) {
    let schedules = bed.soniq.schedules();
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    scheduler.reconcile().await.unwrap();
    for task in NAMES {
        let before = schedules.get(task).await.unwrap().next_run;
        assert!(schedules.pause(task).await.unwrap());
        assert!(schedules.resume(task).await.unwrap());
        assert_eq!(schedules.get(task).await.unwrap().next_run, before);
    }
}

async fn what_cannot_be_read_is_resumed_as_it_is(bed: Bed) {
    overdue(&bed).await;
    let schedules = bed.soniq.schedules();
    assert!(schedules.pause("test.plain.v1").await.unwrap());
    let plain = json!({ "job_name": "test.plain.v1" });
    let soon = json!({ "schedule_value": "soon" });
    bed.update(Table::RecurringJobs, plain, soon).await;
    let before = schedules.get("test.plain.v1").await.unwrap().next_run;
    assert!(schedules.resume("test.plain.v1").await.unwrap());
    let after = schedules.get("test.plain.v1").await.unwrap();
    assert_eq!((after.next_run, &*after.status), (before, "active"));
}

async fn run_now_enqueues_one_job_and_shifts_nothing(bed: Bed) {
    overdue(&bed).await;
    let schedules = bed.soniq.schedules();
    schedules.pause("test.zoned.v1").await.unwrap();
    let before = schedules.get("test.zoned.v1").await.unwrap();
    let enqueued = schedules.run_now("test.zoned.v1").await.unwrap();
    let job = bed.job(enqueued.id()).await;
    assert_eq!((&*job.job_name, &*job.queue), ("test.zoned.v1", "reports"));
    assert_eq!((job.priority, job.max_attempts), (7, Some(2)));
    assert_eq!(job.args, json!({ "n": 1 }));
    // Unique by its arguments, as when it fires.
    let again = schedules.run_now("test.zoned.v1").await.unwrap();
    assert!(again.is_duplicate());
    assert_eq!(again.id(), enqueued.id());
    let after = schedules.get("test.zoned.v1").await.unwrap();
    assert_eq!(after.next_run, before.next_run);
    assert_eq!((after.run_count, &*after.status), (0, "paused"));
}

async fn arguments_that_are_no_object_are_not_enqueued(bed: Bed) {
    overdue(&bed).await;
    let schedules = bed.soniq.schedules();
    let zoned = json!({ "job_name": "test.zoned.v1" });
    bed.update(Table::Schedules, zoned, json!({ "job_kwargs": [1] }))
        .await;
    let error = schedules.run_now("test.zoned.v1").await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error}");
}

async fn a_removed_schedule_is_gone_and_an_unknown_one_is_told(bed: Bed) {
    overdue(&bed).await;
    let schedules = bed.soniq.schedules();
    assert!(schedules.remove("test.zoned.v1").await.unwrap());
    assert!(!schedules.remove("test.zoned.v1").await.unwrap());
    assert_eq!(schedules.list().await.unwrap().len(), 1);
    for error in [
        schedules.get("test.zoned.v1").await.unwrap_err(),
        schedules.pause("test.zoned.v1").await.unwrap_err(),
        schedules.resume("test.zoned.v1").await.unwrap_err(),
        schedules.run_now("test.zoned.v1").await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::NoSchedule { .. }), "{error}");
        assert!(error.to_string().contains("test.zoned.v1"), "{error}");
    }
}
