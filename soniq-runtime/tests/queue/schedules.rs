//! Schedules whose rows are odd, locked, or refuse to be written.

use std::time::Duration;

use soniq_runtime::{CatchUp, ScheduleChange, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use crate::support::bed;

static PLAIN: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(EVERY_MINUTE);
static PLAIN_LATER: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(ScheduleSpec {
    trigger: Trigger::Every(Duration::from_secs(90)),
    ..EVERY_MINUTE
});
static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f").schedule(ScheduleSpec {
    timezone: Some("Europe/Berlin"),
    ..EVERY_MINUTE
});

const EVERY_MINUTE: ScheduleSpec = ScheduleSpec {
    trigger: Trigger::Cron("* * * * *"),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 1}"#,
};

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
async fn a_schedule_that_cannot_fire_stops_no_other_and_stays_due() {
    let bed = bed().await;
    // Nulls, as a table that another made may take them, and a job that a trigger refuses.
    bed.client
        .batch_execute(
            "ALTER TABLE soniq_recurring_jobs
               ALTER job_kwargs DROP NOT NULL, ALTER queue DROP NOT NULL,
               ALTER priority DROP NOT NULL, ALTER max_attempts DROP NOT NULL,
               ALTER status DROP NOT NULL, ALTER run_count DROP NOT NULL;
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
             CREATE TRIGGER refuse_job BEFORE INSERT ON soniq_jobs FOR EACH ROW
               WHEN (NEW.job_name = 'test.bad.v6') EXECUTE FUNCTION refuse();
             CREATE TRIGGER refuse_advance BEFORE UPDATE ON soniq_recurring_jobs FOR EACH ROW
               WHEN (NEW.job_name = 'test.bad.v7') EXECUTE FUNCTION refuse();
             INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run, job_kwargs) VALUES
               (gen_random_uuid(), 'test.bad.v1', 'cron', 'every tuesday', now(), '{}'),
               (gen_random_uuid(), 'test.bad.v2', 'interval', '9000000000000', now(), '{}'),
               (gen_random_uuid(), 'test.bad.v3', 'interval', '60', now(), '{\"n\": 1e400}'),
               (gen_random_uuid(), 'test.bad.v4', 'interval', '60', now(), '[1]'),
               (gen_random_uuid(), 'test.bad.v6', 'interval', '60', now(), '{}'),
               (gen_random_uuid(), 'test.bad.v7', 'interval', '60', now(), '{}'),
               (gen_random_uuid(), 'test.good.v1', 'interval', '3600', now(), '{}');
             INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run, job_kwargs, queue, priority,
                max_attempts, status, run_count)
             VALUES (gen_random_uuid(), 'test.good.v2', 'interval', '3600', now(), NULL, NULL, NULL,
                NULL, NULL, NULL);
             INSERT INTO soniq_schedules
               (id, job_name, schedule_type, schedule_value, next_run, timezone) VALUES
               (gen_random_uuid(), 'test.bad.v5', 'cron', '* * * * *', now(), 'Europe/Berlim'),
               (gen_random_uuid(), 'test.good.v3', 'cron', '* * * * *', now(), 'Europe/Berlin')",
        )
        .await
        .unwrap();
    let scheduler = Scheduler::new(&bed.soniq);
    let fired = async || {
        let firings = scheduler.tick().await.unwrap().unwrap();
        let mut names: Vec<String> = firings.into_iter().map(|firing| firing.job_name).collect();
        names.sort();
        names
    };
    assert_eq!(
        fired().await,
        ["test.good.v1", "test.good.v2", "test.good.v3"]
    );
    // A job without its advance would be a firing that is doubled by the next tick.
    let jobs = "SELECT count(*) FROM soniq_jobs WHERE job_name LIKE 'test.bad%'";
    assert_eq!(bed.count(jobs).await, 0);
    let due = "SELECT count(*) FROM (
                 SELECT job_name, run_count, next_run FROM soniq_recurring_jobs
                 UNION ALL SELECT job_name, run_count, next_run FROM soniq_schedules
               ) AS schedule
               WHERE job_name LIKE 'test.bad%' AND run_count = 0 AND next_run <= now()";
    assert_eq!(bed.count(due).await, 7);
    let schedules = bed.soniq.schedules().list().await.unwrap();
    let unreadable: Vec<&str> = schedules
        .iter()
        .filter(|schedule| schedule.problem.is_some())
        .map(|schedule| &*schedule.job_name)
        .collect();
    assert_eq!(
        unreadable,
        ["test.bad.v1", "test.bad.v3", "test.bad.v4", "test.bad.v5"]
    );
    // Mended, it fires.
    bed.client
        .batch_execute(
            "DROP TRIGGER refuse_advance ON soniq_recurring_jobs;
             UPDATE soniq_recurring_jobs SET schedule_value = '0 3 * * *'
             WHERE job_name = 'test.bad.v1'",
        )
        .await
        .unwrap();
    assert_eq!(fired().await, ["test.bad.v1", "test.bad.v7"]);
}

#[tokio::test]
async fn a_locked_schedule_holds_up_no_other() {
    let mut bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run) VALUES
               (gen_random_uuid(), 'test.locked.v1', 'interval', '3600', now()),
               (gen_random_uuid(), 'test.free.v1', 'interval', '3600', now());
             INSERT INTO soniq_schedules
               (id, job_name, schedule_type, schedule_value, next_run) VALUES
               (gen_random_uuid(), 'test.locked.v2', 'interval', '3600', now()),
               (gen_random_uuid(), 'test.free.v2', 'interval', '3600', now())",
        )
        .await
        .unwrap();
    let lock = bed.client.transaction().await.unwrap();
    lock.batch_execute(
        "SELECT 1 FROM soniq_recurring_jobs WHERE job_name = 'test.locked.v1' FOR UPDATE;
         SELECT 1 FROM soniq_schedules WHERE job_name = 'test.locked.v2' FOR UPDATE",
    )
    .await
    .unwrap();
    let scheduler = Scheduler::new(&bed.soniq);
    let fired = async || {
        let firings = scheduler.tick().await.unwrap().unwrap();
        let mut names: Vec<String> = firings.into_iter().map(|firing| firing.job_name).collect();
        names.sort();
        names
    };
    assert_eq!(fired().await, ["test.free.v1", "test.free.v2"]);
    lock.rollback().await.unwrap();
    assert_eq!(fired().await, ["test.locked.v1", "test.locked.v2"]);
}

#[tokio::test]
async fn a_locked_row_postpones_only_itself() {
    let mut bed = bed().await;
    Scheduler::new(&bed.soniq)
        .tasks([&PLAIN])
        .reconcile()
        .await
        .unwrap();
    let lock = bed.client.transaction().await.unwrap();
    lock.batch_execute("SELECT 1 FROM soniq_recurring_jobs FOR UPDATE")
        .await
        .unwrap();
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN_LATER, &ZONED]);
    let changes = scheduler.reconcile().await.unwrap();
    let postponed = ScheduleChange::Postponed("test.plain.v1".to_owned());
    assert_eq!(
        changes,
        [postponed, ScheduleChange::Added("test.zoned.v1".to_owned())]
    );
    // One that is as it should be needs no lock.
    let same = Scheduler::new(&bed.soniq).tasks([&PLAIN]);
    assert_eq!(same.reconcile().await.unwrap(), []);
    lock.rollback().await.unwrap();
    assert_eq!(
        scheduler.reconcile().await.unwrap(),
        [ScheduleChange::Changed("test.plain.v1".to_owned())]
    );
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
    assert_eq!(bed.soniq.schedules().list().await.unwrap().len(), 5);
}
