//! Schedules on a real database.

use std::collections::BTreeMap;

use soniq_runtime::{CatchUp, Enqueuer, NewJob, ScheduleSpec, Scheduler, Soniq, TaskSpec, Trigger};

use crate::support::{bed, quick};

const EVERY_MINUTE: ScheduleSpec = ScheduleSpec {
    trigger: Trigger::Cron("* * * * *"),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 1}"#,
};

static PLAIN: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(EVERY_MINUTE);
static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f")
    .queue("reports")
    .priority(7)
    .schedule(ScheduleSpec {
        timezone: Some("Europe/Berlin"),
        catch_up: CatchUp::All,
        ..EVERY_MINUTE
    });

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

/// Each time of each schedule is fired by exactly one of several schedulers.
#[tokio::test]
async fn many_schedulers_fire_every_time_once() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_schedules
               (id, job_name, schedule_type, schedule_value, next_run, catch_up)
             SELECT gen_random_uuid(), 'test.tick.v' || n, 'interval', '0.05', now(), 'all'
             FROM generate_series(1, 10) AS n",
        )
        .await
        .unwrap();
    let mut runs = Vec::new();
    for _ in 0..4 {
        let soniq = Soniq::with_settings(quick(bed.database.url())).unwrap();
        runs.push(tokio::spawn(async move {
            let scheduler = Scheduler::new(&soniq);
            let mut firings = Vec::new();
            while firings.len() < 100 {
                firings.extend(scheduler.tick().await.unwrap().unwrap_or_default());
                tokio::task::yield_now().await;
            }
            firings
        }));
    }
    let mut times: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut total = 0;
    for run in runs {
        for firing in run.await.unwrap() {
            times.entry(firing.job_name).or_default().push(firing.due);
            total += 1;
        }
    }
    assert_eq!(times.len(), 10);
    for (name, mut times) in times {
        times.sort();
        let apart = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).num_milliseconds());
        assert!(
            apart.clone().all(|ms| ms == 50),
            "{name}: {:?}",
            apart.collect::<Vec<_>>()
        );
    }
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, total);
    let counted = "SELECT sum(run_count)::int8 FROM soniq_schedules";
    assert_eq!(bed.count(counted).await, total);
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

static UNIQUE: TaskSpec = TaskSpec::new("test.unique.v1", 1, "f")
    .unique()
    .schedule(EVERY_MINUTE);

#[tokio::test]
async fn a_firing_of_a_unique_task_meets_its_queued_twin() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let scheduler = Scheduler::new(&bed.soniq).tasks([&UNIQUE]);
    scheduler.reconcile().await.unwrap();
    assert_eq!(scheduler.reconcile().await.unwrap(), []);
    let due = "UPDATE soniq_recurring_jobs SET next_run = now()";
    let fires = async || {
        other.batch_execute(due).await.unwrap();
        scheduler.tick().await.unwrap().unwrap().len()
    };
    assert_eq!(fires().await, 1);
    assert_eq!(fires().await, 0, "the first one is still queued");
    let claimed = "UPDATE soniq_jobs SET status = 'done'";
    other.batch_execute(claimed).await.unwrap();
    // A twin that is not committed yet counts, and holds up no other schedule for long.
    let open = bed.client.transaction().await.unwrap();
    let mut twin = NewJob::new("test.unique.v1", serde_json::json!({ "n": 1 })).unwrap();
    twin.unique = true;
    (&open).insert(twin).await.unwrap();
    assert_eq!(fires().await, 0);
    open.rollback().await.unwrap();
    assert_eq!(fires().await, 1);
    let row = other
        .query_one("SELECT run_count FROM soniq_recurring_jobs", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i32>(0), 2);
}
