//! What `catch_up` makes of the firings that an outage left out.

use std::time::Duration;

use soniq_runtime::{CatchUp, ScheduleSpec, Scheduler, TaskSpec, Trigger};

use crate::bed::Bed;

conformance! {
    an_outage_leaves_one_all_or_none;
    what_is_made_up_for_is_bounded_for_each_schedule;
}

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

const HOUR: Duration = Duration::from_secs(3600);

async fn jobs(bed: &Bed, task: &str) -> usize {
    bed.jobs_of(task).await.len()
}

/// Seconds from now to when each of the schedules fires next.
async fn next(bed: &Bed) -> Vec<i64> {
    let now = bed.now().await;
    let schedules = bed.soniq.schedules().list().await.unwrap();
    let next = schedules.iter().map(|schedule| schedule.next_run.unwrap());
    next.map(|next| (next - now).num_seconds()).collect()
}

async fn an_outage_leaves_one_all_or_none(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&ONE, &ALL, &NONE]);
    scheduler.reconcile().await.unwrap();
    // They were to fire in an hour, which is five and a half ago now.
    bed.pass(HOUR + 11 * HOUR / 2).await;
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
    let soon = next(&bed).await;
    assert_eq!(soon.len(), 3);
    assert!(
        soon.iter().all(|next| (1740..=1800).contains(next)),
        "{soon:?}"
    );

    // A few seconds late is no outage: each fires once.
    bed.pass(HOUR / 2 + Duration::from_secs(5)).await;
    scheduler.tick().await.unwrap().unwrap();
    assert_eq!(counts().await, [2, 7, 1]);
}

async fn what_is_made_up_for_is_bounded_for_each_schedule(bed: Bed) {
    let scheduler = Scheduler::new(&bed.soniq).tasks([&MINUTES, &ALL]);
    scheduler.reconcile().await.unwrap();
    bed.pass(60 * 24 * HOUR).await;
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
    let minutes = bed.soniq.schedules().get("test.minutes.v1").await.unwrap();
    assert_eq!(minutes.run_count, 1000);
    let next = minutes.next_run.unwrap() - bed.now().await;
    assert!((-1..=60).contains(&next.num_seconds()), "{next}");
}
