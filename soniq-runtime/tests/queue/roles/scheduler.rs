//! A scheduler.

use std::time::Duration;

use soniq_runtime::{CatchUp, ScheduleChange, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use super::{bed, client, refused, soniq};
use crate::log::Log;

const EVERY_SECOND: ScheduleSpec = ScheduleSpec {
    trigger: Trigger::Every(Duration::from_secs(1)),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 1}"#,
};

static PLAIN: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f").schedule(EVERY_SECOND);
static UNIQUE: TaskSpec = TaskSpec::new("test.plain.v1", 1, "f")
    .unique()
    .schedule(EVERY_SECOND);
static ZONED: TaskSpec = TaskSpec::new("test.zoned.v1", 1, "f").schedule(ScheduleSpec {
    timezone: Some("Europe/Berlin"),
    catch_up: CatchUp::All,
    ..EVERY_SECOND
});

#[tokio::test]
async fn a_scheduler_stores_schedules_and_fires_them() {
    let (log, _guard) = Log::start();
    let bed = bed().await;
    let soniq = soniq(&bed, "soniq_scheduler");
    let of = |tasks: [&'static TaskSpec; 2]| Scheduler::new(&soniq).tasks_of("billing", tasks);
    of([&PLAIN, &ZONED]).reconcile().await.unwrap();
    let changed = of([&UNIQUE, &UNIQUE]).reconcile().await.unwrap();
    let expected = [
        ScheduleChange::Changed("test.plain.v1".to_owned()),
        ScheduleChange::Orphaned("test.zoned.v1".to_owned()),
    ];
    assert_eq!(changed, expected);

    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let scheduler = of([&PLAIN, &ZONED]);
    let running = tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        scheduler.run_until(shutdown).await
    });
    let fired = "SELECT count(DISTINCT job_name) FROM soniq_jobs WHERE status = 'queued'";
    bed.wait_for(fired, 2).await;
    let counted = "SELECT count(*) FROM (
                     SELECT run_count, last_job_id FROM soniq_recurring_jobs
                     UNION ALL SELECT run_count, last_job_id FROM soniq_schedules
                   ) AS schedule WHERE run_count > 0 AND last_job_id IN (SELECT id FROM soniq_jobs)";
    bed.wait_for(counted, 2).await;
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(log.lines_with("permission denied"), [""; 0]);

    let others = [
        "SELECT args FROM soniq_jobs",
        "SELECT status FROM soniq_jobs",
        "UPDATE soniq_jobs SET status = 'cancelled'",
        "DELETE FROM soniq_jobs",
        "INSERT INTO soniq_jobs (id, job_name, args, status) VALUES (gen_random_uuid(), 'a', '{}', 'done')",
        "UPDATE soniq_schedules SET job_kwargs = '{}'",
        "UPDATE soniq_recurring_jobs SET status = 'paused'",
        "SELECT * FROM soniq_dead_letter_jobs",
        "SELECT * FROM soniq_workers",
        "INSERT INTO soniq_paused_queues (queue) VALUES ('default')",
        "SELECT soniq_enqueue('test.probe.v1')",
    ];
    refused(&client(&bed, "soniq_scheduler").await, &others).await;
}
