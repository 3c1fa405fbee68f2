//! Schedules on a real database.

use std::time::Duration;

use soniq_runtime::{CatchUp, ScheduleChange, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use crate::support::bed;

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
static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f")
    .queue("reports")
    .priority(7)
    .schedule(ScheduleSpec {
        timezone: Some("Europe/Berlin"),
        catch_up: CatchUp::All,
        ..EVERY_MINUTE
    });

#[tokio::test]
async fn contracts_schedules_are_stored_where_they_are_understood() {
    let bed = bed().await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    let changes = scheduler.reconcile().await.unwrap();
    let added = |name: &str| ScheduleChange::Added(name.to_owned());
    assert_eq!(changes, [added("test.plain.v1"), added("test.zoned.v1")]);
    assert_eq!(scheduler.reconcile().await.unwrap(), []);
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_recurring_jobs").await,
        1
    );
    assert_eq!(bed.count("SELECT count(*) FROM soniq_schedules").await, 1);

    // A paused one stays paused through a change.
    bed.client
        .batch_execute("UPDATE soniq_recurring_jobs SET status = 'paused'")
        .await
        .unwrap();
    let changes = Scheduler::new(&bed.soniq)
        .tasks([&PLAIN_LATER])
        .reconcile()
        .await
        .unwrap();
    assert_eq!(
        changes,
        [ScheduleChange::Changed("test.plain.v1".to_owned())]
    );
    let schedules = bed.soniq.schedules().await.unwrap();
    assert_eq!(schedules[0].status, "paused");
    assert_eq!(schedules[0].schedule_value, "90");
    assert_eq!(schedules[1].timezone, "Europe/Berlin");
}

#[tokio::test]
async fn two_schedulers_fire_once() {
    let bed = bed().await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    scheduler.reconcile().await.unwrap();
    let due = "UPDATE soniq_recurring_jobs SET next_run = date_trunc('minute', now());
               UPDATE soniq_schedules SET next_run = date_trunc('minute', now()) - interval '3 min'";
    bed.client.batch_execute(due).await.unwrap();
    let mut stops = Vec::new();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let scheduler = scheduler.clone();
        stops.push(stop);
        runs.push(tokio::spawn(async move {
            scheduler
                .run_until(async {
                    let _ = stopped.await;
                })
                .await
        }));
    }
    let plain = "SELECT count(*) FROM soniq_jobs WHERE job_name = 'test.plain.v1'";
    bed.wait_for(plain, 1).await;
    // Four minutes stand due, and each is made up for.
    let zoned = "SELECT count(*) FROM soniq_jobs WHERE job_name = 'test.zoned.v1' \
                 AND queue = 'reports' AND priority = 7 AND args = '{\"n\": 1}'";
    bed.wait_for(zoned, 4).await;
    // Both schedulers look several times more, and find nothing: next_run has moved on.
    for _ in 0..5 {
        let _ = scheduler.tick().await.unwrap();
    }
    drop(stops);
    for run in runs {
        run.await.unwrap().unwrap();
    }
    // The minute may have turned meanwhile, which would be a firing of its own.
    let fired = "SELECT sum(run_count)::int8 FROM soniq_recurring_jobs";
    assert_eq!(bed.count(plain).await, bed.count(fired).await);
    let distinct = "SELECT count(DISTINCT last_job_id) FROM soniq_recurring_jobs";
    assert_eq!(bed.count(distinct).await, 1);
}

#[tokio::test]
async fn only_one_ticks_at_a_time() {
    let mut bed = bed().await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN]);
    scheduler.reconcile().await.unwrap();
    // The key of `soniq.scheduler`, from the shared vectors: held as any Soniq's scheduler holds it.
    let other = bed.client.transaction().await.unwrap();
    other
        .batch_execute("SELECT pg_advisory_xact_lock(1159553910399431960)")
        .await
        .unwrap();
    assert_eq!(scheduler.tick().await.unwrap(), None);
    other.rollback().await.unwrap();
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn schedules_that_cannot_be_read_stop_no_other_and_wait_a_minute() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run, job_kwargs) VALUES
               (gen_random_uuid(), 'test.bad.v1', 'cron', 'every tuesday', now(), '{}'),
               (gen_random_uuid(), 'test.bad.v2', 'interval', '9000000000000', now(), '{}'),
               (gen_random_uuid(), 'test.bad.v3', 'interval', '60', now(), '{\"n\": 1e400}'),
               (gen_random_uuid(), 'test.good.v1', 'interval', '3600', now(), '{}')",
        )
        .await
        .unwrap();
    let scheduler = Scheduler::new(&bed.soniq);
    let firings = scheduler.tick().await.unwrap().unwrap();
    assert_eq!(firings.len(), 1);
    assert_eq!(firings[0].job_name, "test.good.v1");
    let waiting = "SELECT count(*) FROM soniq_recurring_jobs
                   WHERE job_name LIKE 'test.bad%' AND run_count = 0
                     AND next_run BETWEEN now() + interval '50 s' AND now() + interval '70 s'";
    assert_eq!(bed.count(waiting).await, 3);
    assert_eq!(bed.soniq.schedules().await.unwrap().len(), 4);
}

#[tokio::test]
async fn schedules_at_the_edges_of_their_types_go_on() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run, run_count) VALUES
               (gen_random_uuid(), 'test.old.v1', 'cron', '* * * * *', '-infinity', 0),
               (gen_random_uuid(), 'test.old.v2', 'cron', '* * * * *', '0001-01-01 BC', 0),
               (gen_random_uuid(), 'test.old.v3', 'interval', '0.001', '2001-01-01', 0),
               (gen_random_uuid(), 'test.busy.v1', 'interval', '60', now(), 2147483647),
               (gen_random_uuid(), 'test.never.v1', 'interval', '60', 'infinity', 0)",
        )
        .await
        .unwrap();
    let scheduler = Scheduler::new(&bed.soniq);
    let mut fired: Vec<String> = scheduler
        .tick()
        .await
        .unwrap()
        .unwrap()
        .into_iter()
        .map(|firing| firing.job_name)
        .collect();
    fired.sort();
    assert_eq!(fired, ["test.busy.v1", "test.old.v2", "test.old.v3"]);
    let next = "SELECT count(*) FROM soniq_recurring_jobs
                WHERE next_run BETWEEN now() - interval '1 s' AND now() + interval '61 s'";
    assert_eq!(bed.count(next).await, 4);
    assert_eq!(bed.soniq.schedules().await.unwrap().len(), 5);
}
