//! What `catch_up` makes of the firings that an outage left out.

use std::time::Duration;

use soniq_runtime::{CatchUp, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use crate::support::{Bed, bed};

const fn hourly(catch_up: CatchUp) -> ScheduleSpec {
    ScheduleSpec {
        trigger: Trigger::Every(Duration::from_secs(3600)),
        timezone: None,
        catch_up,
        args: "{}",
    }
}

static ONE: TaskSpec = TaskSpec::new("test.one.v1", 1, "f").schedule(hourly(CatchUp::One));
static ALL: TaskSpec = TaskSpec::new("test.all.v1", 1, "f").schedule(hourly(CatchUp::All));
static NONE: TaskSpec = TaskSpec::new("test.none.v1", 1, "f").schedule(hourly(CatchUp::None));
static MINUTES: TaskSpec = TaskSpec::new("test.minutes.v1", 1, "f").schedule(ScheduleSpec {
    trigger: Trigger::Cron("* * * * *"),
    timezone: Some("Europe/Berlin"),
    ..hourly(CatchUp::All)
});

/// As if no scheduler had run since `since`, which is when each of them was due.
async fn outage(bed: &Bed, since: &str) {
    bed.client
        .batch_execute(&format!(
            "UPDATE soniq_recurring_jobs SET next_run = {since};
             UPDATE soniq_schedules SET next_run = {since}"
        ))
        .await
        .unwrap();
}

async fn jobs(bed: &Bed, task: &str) -> i64 {
    bed.count(&format!(
        "SELECT count(*) FROM soniq_jobs WHERE job_name = '{task}'"
    ))
    .await
}

#[tokio::test]
async fn an_outage_leaves_one_all_or_none() {
    let bed = bed().await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&ONE, &ALL, &NONE]);
    scheduler.reconcile().await.unwrap();
    outage(&bed, "now() - interval '5 hours 30 minutes'").await;
    scheduler.tick().await.unwrap().unwrap();
    let counts = async || {
        [
            jobs(&bed, "test.one.v1").await,
            jobs(&bed, "test.all.v1").await,
            jobs(&bed, "test.none.v1").await,
        ]
    };
    assert_eq!(counts().await, [1, 6, 0]);
    // Nothing more of it: the next one is in half an hour, in phase.
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
    let next = "SELECT count(*) FROM (SELECT next_run FROM soniq_recurring_jobs
                  UNION ALL SELECT next_run FROM soniq_schedules) AS schedule
                WHERE next_run BETWEEN now() + interval '29 min' AND now() + interval '30 min'";
    assert_eq!(bed.count(next).await, 3);

    // A few seconds late is no outage: each fires once.
    outage(&bed, "now() - interval '5 s'").await;
    scheduler.tick().await.unwrap().unwrap();
    assert_eq!(counts().await, [2, 7, 1]);
}

#[tokio::test]
async fn what_is_made_up_for_is_bounded_for_each_schedule() {
    let bed = bed().await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&MINUTES, &ALL]);
    scheduler.reconcile().await.unwrap();
    outage(&bed, "now() - interval '60 days'").await;
    let firings = scheduler.tick().await.unwrap().unwrap();
    assert_eq!(firings.len(), 2000);
    assert_eq!(jobs(&bed, "test.minutes.v1").await, 1000);
    assert_eq!(jobs(&bed, "test.all.v1").await, 1000);
    // The latest ones, and the last of them was due within the last minute.
    let minutes = firings.iter().filter(|f| f.job_name == "test.minutes.v1");
    let due: Vec<_> = minutes.map(|firing| firing.due).collect();
    assert!(
        due.windows(2)
            .all(|pair| (pair[1] - pair[0]).num_seconds() == 60)
    );
    let last = "SELECT count(*) FROM soniq_schedules
                WHERE job_name = 'test.minutes.v1' AND run_count = 1000
                  AND next_run BETWEEN now() - interval '1 s' AND now() + interval '60 s'";
    assert_eq!(bed.count(last).await, 1);
}
