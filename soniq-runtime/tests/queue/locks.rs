//! Operators who meet a lock are told whose it is, and are not left waiting.

use std::time::{Duration, Instant};

use soniq_runtime::Error;
use uuid::Uuid;

use crate::support::{Bed, bed, probe, task};

const TABLES: &str = "soniq_jobs, soniq_dead_letter_jobs, soniq_paused_queues,
                      soniq_recurring_jobs, soniq_schedules";

/// What an operator may do, and how it ended.
async fn operations(bed: &Bed, job: Uuid) -> Vec<(&'static str, Result<(), Error>)> {
    let (jobs, letters) = (bed.soniq.jobs(), bed.soniq.dead_letter());
    let (queues, schedules) = (bed.soniq.queues(), bed.soniq.schedules());
    let task = "test.probe.v1";
    let (cancel, call_off, replay, purge, pause, resume, hold, go, remove) = tokio::join!(
        jobs.cancel(job),
        jobs.cancel_running(job),
        letters.replay(job),
        letters.purge(job),
        queues.pause("bulk"),
        queues.resume("bulk"),
        schedules.pause(task),
        schedules.resume(task),
        schedules.remove(task),
    );
    vec![
        ("cancelling a job", cancel.map(drop)),
        ("calling off a running job", call_off.map(drop)),
        ("replaying a dead letter", replay.map(drop)),
        ("deleting a dead letter", purge.map(drop)),
        ("pausing a queue", pause.map(drop)),
        ("resuming a queue", resume.map(drop)),
        ("pausing a schedule", hold.map(drop)),
        ("resuming a schedule", go.map(drop)),
        ("removing a schedule", remove.map(drop)),
    ]
}

#[tokio::test]
async fn an_operator_who_meets_a_lock_is_told_whose_it_is() {
    let mut bed = bed().await;
    let job = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let mut other = bed.database.connect().await.unwrap();
    let open = other.transaction().await.unwrap();
    open.batch_execute(&format!("LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE"))
        .await
        .unwrap();
    let row = open
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap();
    let holder = format!("backend {} (", row.get::<_, i32>(0));
    let began = Instant::now();
    for (doing, ended) in operations(&bed, job).await {
        let Err(error @ Error::Locked { .. }) = ended else {
            panic!("{doing}: {ended:?}");
        };
        let text = error.to_string();
        assert!(text.starts_with(&format!("{doing} failed: ")), "{text}");
        assert!(text.contains(&holder), "{text}");
    }
    assert!(began.elapsed() < Duration::from_secs(15));
    open.rollback().await.unwrap();
    // Nothing of it was done, and now all of it goes through, each in its way.
    assert_eq!(bed.status(job).await.as_deref(), Some("queued"));
    bed.client = bed.database.connect().await.unwrap();
    for (doing, ended) in operations(&bed, job).await {
        let through = matches!(ended, Ok(()) | Err(Error::NoSchedule { .. }));
        assert!(through, "{doing}: {ended:?}");
    }
}
