//! Schedules that fire, by one of several schedulers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use soniq_runtime::{CatchUp, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use crate::bed::Bed;

conformance! {
    two_schedulers_fire_once;
    many_schedulers_fire_every_time_once;
    a_firing_of_a_unique_task_meets_its_queued_twin;
}

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

async fn two_schedulers_fire_once(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&PLAIN, &ZONED]);
    scheduler.reconcile().await.unwrap();
    // Four minutes stand due, and each of those of the second is made up for.
    bed.pass(Duration::from_secs(240)).await;
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
    let count = async |task| bed.jobs_of(task).await.len();
    bed.wait_until("firings", 1, async || count("test.plain.v1").await)
        .await;
    bed.wait_until("firings", 4, async || count("test.zoned.v1").await)
        .await;
    for job in bed.jobs_of("test.zoned.v1").await {
        assert_eq!((&*job.queue, job.priority), ("reports", 7));
        assert_eq!(job.args, json!({ "n": 1 }));
    }
    // Both schedulers look several times more, and find nothing: next_run has moved on.
    for _ in 0..5 {
        let _ = scheduler.tick().await.unwrap();
    }
    drop(stops);
    for run in runs {
        run.await.unwrap().unwrap();
    }
    // The minute may have turned meanwhile, which would be a firing of its own.
    let plain = bed.soniq.schedules().get("test.plain.v1").await.unwrap();
    assert_eq!(
        count("test.plain.v1").await,
        usize::try_from(plain.run_count).unwrap()
    );
    assert!(plain.last_job_id.is_some());
}

/// Each time of each schedule is fired by exactly one of several schedulers.
async fn many_schedulers_fire_every_time_once(bed: Bed) {
    let often = |n| {
        let name: &'static str = format!("test.tick.v{n}").leak();
        let spec = TaskSpec::new(name, n, "f").schedule(ScheduleSpec {
            trigger: Trigger::Every(Duration::from_millis(50)),
            catch_up: CatchUp::All,
            ..EVERY_MINUTE
        });
        &*Box::leak(Box::new(spec))
    };
    let scheduler = Scheduler::new(&bed.soniq).tasks((1..=10).map(often));
    scheduler.reconcile().await.unwrap();
    let mut runs = Vec::new();
    for _ in 0..4 {
        let soniq = bed.tuned(|_| ());
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
    assert_eq!(bed.jobs().await.len(), total);
    let schedules = bed.soniq.schedules().list().await.unwrap();
    let counted = schedules.iter().map(|schedule| schedule.run_count);
    assert_eq!(usize::try_from(counted.sum::<i32>()).unwrap(), total);
}

static UNIQUE: TaskSpec = TaskSpec::new("test.unique.v1", 1, "f")
    .unique()
    .schedule(EVERY_MINUTE);

async fn a_firing_of_a_unique_task_meets_its_queued_twin(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&UNIQUE]);
    scheduler.reconcile().await.unwrap();
    assert_eq!(scheduler.reconcile().await.unwrap(), []);
    let fires = async || {
        bed.pass(Duration::from_secs(60)).await;
        scheduler.tick().await.unwrap().unwrap().len()
    };
    assert_eq!(fires().await, 1);
    assert_eq!(fires().await, 0, "the first one is still queued");
    let first = bed.jobs().await[0].id;
    assert!(bed.soniq.jobs().cancel(first).await.unwrap());
    assert_eq!(fires().await, 1);
    let unique = bed.soniq.schedules().get("test.unique.v1").await.unwrap();
    assert_eq!(unique.run_count, 2);
}
