//! Pause, resume, run now, remove.

use serde_json::json;
use soniq_runtime::{Error, Scheduler};

use crate::support::{Bed, bed};

/// One schedule in each table, due for some time.
async fn overdue() -> Bed {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_recurring_jobs
               (id, job_name, schedule_type, schedule_value, next_run) VALUES
               (gen_random_uuid(), 'test.plain.v1', 'interval', '60', now() - interval '90 s');
             INSERT INTO soniq_schedules
               (id, job_name, schedule_type, schedule_value, next_run, timezone, catch_up, queue,
                priority, max_attempts, job_kwargs, unique_job) VALUES
               (gen_random_uuid(), 'test.zoned.v1', 'cron', '0 3 * * *', now() - interval '3 days',
                'Europe/Berlin', 'all', 'reports', 7, 2, '{\"n\": 1}', true)",
        )
        .await
        .unwrap();
    bed
}

#[tokio::test]
async fn a_paused_schedule_makes_up_for_nothing_when_it_is_resumed() {
    let bed = overdue().await;
    let schedules = bed.soniq.schedules();
    let scheduler = Scheduler::new(&bed.soniq);
    for task in ["test.plain.v1", "test.zoned.v1"] {
        assert!(schedules.pause(task).await.unwrap());
        assert!(!schedules.pause(task).await.unwrap());
        assert_eq!(schedules.get(task).await.unwrap().status, "paused");
    }
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
    for task in ["test.plain.v1", "test.zoned.v1"] {
        assert!(schedules.resume(task).await.unwrap());
        assert!(!schedules.resume(task).await.unwrap());
    }
    assert_eq!(scheduler.tick().await.unwrap(), Some(Vec::new()));
    // In phase: 90 s after a time that was due every 60 s, the next is 30 s away.
    let next = "SELECT count(*) FROM soniq_recurring_jobs
                WHERE next_run BETWEEN now() + interval '20 s' AND now() + interval '30 s'";
    assert_eq!(bed.count(next).await, 1);
    let next = "SELECT count(*) FROM soniq_schedules
                WHERE next_run > now() AND next_run < now() + interval '1 day 1 hour'
                  AND extract(hour FROM next_run AT TIME ZONE 'Europe/Berlin') = 3";
    assert_eq!(bed.count(next).await, 1);

    // What is still to come stays as it is, and so does what cannot be read.
    bed.client
        .batch_execute(
            "UPDATE soniq_schedules SET next_run = '2100-01-01', status = 'paused';
             UPDATE soniq_recurring_jobs SET schedule_value = 'soon', next_run = '2001-01-01',
               status = 'paused'",
        )
        .await
        .unwrap();
    for task in ["test.plain.v1", "test.zoned.v1"] {
        assert!(schedules.resume(task).await.unwrap());
    }
    let kept = "SELECT (SELECT count(*) FROM soniq_schedules WHERE next_run = '2100-01-01')
                  + (SELECT count(*) FROM soniq_recurring_jobs WHERE next_run = '2001-01-01')";
    assert_eq!(bed.count(kept).await, 2);
}

#[tokio::test]
async fn run_now_enqueues_one_job_and_shifts_nothing() {
    let bed = overdue().await;
    let schedules = bed.soniq.schedules();
    schedules.pause("test.zoned.v1").await.unwrap();
    let before = schedules.get("test.zoned.v1").await.unwrap();
    let enqueued = schedules.run_now("test.zoned.v1").await.unwrap();
    let job = bed.soniq.jobs().get(enqueued.id()).await.unwrap().unwrap();
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

    bed.client
        .batch_execute("UPDATE soniq_schedules SET job_kwargs = '[1]'")
        .await
        .unwrap();
    let error = schedules.run_now("test.zoned.v1").await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error}");
}

#[tokio::test]
async fn a_removed_schedule_is_gone_and_an_unknown_one_is_told() {
    let bed = overdue().await;
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
