//! A job on its way back to the queue meets a queued one that holds its key by now.

use std::time::Duration;

use soniq_runtime::{JobError, TaskHandler};

use crate::support::{Bed, Running, bed, gated, probe, quick, task};

/// Two jobs with one key: the first runs, the second is queued meanwhile; a third has another key.
/// After `end` of the first it is queued again, without its key, and the third is as it was.
async fn meets_its_twin(bed: &Bed, worker: TaskHandler, end: impl AsyncFnOnce(Running)) {
    let first = task()
        .dedup_key("k")
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap()
        .id();
    let second_key = task()
        .dedup_key("other")
        .enqueue(&bed.client, probe(2))
        .await
        .unwrap()
        .id();
    let running = Running::start(bed.worker(worker));
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'",
        2,
    )
    .await;
    // The twin waits for later, so that nobody claims it while this is looked at.
    let twin = task()
        .dedup_key("k")
        .delay(LATER)
        .enqueue(&bed.client, probe(3))
        .await
        .unwrap();
    assert!(!twin.is_duplicate(), "a job that runs holds no key");
    end(running).await;
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'queued'", 3)
        .await;
    let jobs = bed.soniq.jobs();
    let job = jobs.get(first).await.unwrap().unwrap();
    assert_eq!(job.dedup_key, None);
    let noted = "SELECT count(*) FROM soniq_jobs WHERE meta -> 'gave_up_key' ->> 'dedup_key' = 'k'";
    assert_eq!(bed.count(noted).await, 1);
    let other = jobs.get(second_key).await.unwrap().unwrap();
    assert_eq!(other.dedup_key.as_deref(), Some("other"));
    let twin = jobs.get(twin.id()).await.unwrap().unwrap();
    assert_eq!(twin.dedup_key.as_deref(), Some("k"));
}

const LATER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_retry_that_meets_its_twin_gives_up_its_key() {
    let bed = bed().await;
    let (handler, _, gate) = gated(|| Err(JobError::retry_after(LATER, "again")));
    meets_its_twin(&bed, handler, async |running| {
        gate.add_permits(4);
        bed.wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'",
            0,
        )
        .await;
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_snooze_that_meets_its_twin_gives_up_its_key() {
    let bed = bed().await;
    let (handler, _, gate) = gated(|| Err(JobError::snooze(LATER, "not yet")));
    meets_its_twin(&bed, handler, async |running| {
        gate.add_permits(4);
        bed.wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'",
            0,
        )
        .await;
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_release_that_meets_its_twin_gives_up_its_key() {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.shutdown_timeout = Duration::ZERO;
    bed.soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let (deaf, _, _gate) = gated(|| Ok(()));
    meets_its_twin(&bed, deaf, async |running| running.stop().await).await;
}

#[tokio::test]
async fn a_rescue_that_meets_its_twin_gives_up_its_key() {
    let bed = bed().await;
    let (deaf, _, _gate) = gated(|| Ok(()));
    meets_its_twin(&bed, deaf, async |running| {
        running.kill();
        // A worker of another task: it rescues, and claims none of these.
        let other = soniq_runtime::TaskHandlerBuilder::<Other>::new(|_, _| async {
            Ok::<(), JobError>(())
        });
        let rescuer = Running::start(bed.worker(other.build()));
        bed.wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'",
            0,
        )
        .await;
        rescuer.stop().await;
    })
    .await;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Other {}

impl soniq_runtime::Checked for Other {
    fn check(_: &serde_json::Value, _: &mut soniq_runtime::check::Checker) {}
}

static OTHER: soniq_runtime::TaskSpec = soniq_runtime::TaskSpec::new("test.other.v1", 1, "other");

impl soniq_runtime::TaskArgs for Other {
    const TASK: soniq_runtime::TaskRef<Self> = soniq_runtime::TaskRef::new(&OTHER);
}
