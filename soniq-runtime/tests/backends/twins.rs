//! A job on its way back to the queue meets a queued one that holds its key by now.

use std::time::Duration;

use soniq_runtime::{JobError, Status, TaskHandler};

use crate::bed::Bed;
use crate::probe::{Running, gated, probe, task};

conformance! {
    a_retry_that_meets_its_twin_gives_up_its_key;
    a_snooze_that_meets_its_twin_gives_up_its_key;
    a_release_that_meets_its_twin_gives_up_its_key;
    a_rescue_that_meets_its_twin_gives_up_its_key;
}

/// Two jobs with one key: the first runs, the second is queued meanwhile; a third has another key.
/// After `end` of the first it is queued again, without its key, and the third is as it was.
async fn meets_its_twin(bed: &Bed, worker: TaskHandler, end: impl AsyncFnOnce(Running)) {
    let first = task()
        .dedup_key("k")
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap()
        .id();
    let second_key = task()
        .dedup_key("other")
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap()
        .id();
    let running = Running::start(bed.worker(worker));
    bed.wait_for(Status::Processing, 2).await;
    // The twin waits for later, so that nobody claims it while this is looked at.
    let twin = task()
        .dedup_key("k")
        .delay(LATER)
        .enqueue(&bed.soniq, probe(3))
        .await
        .unwrap();
    assert!(!twin.is_duplicate(), "a job that runs holds no key");
    end(running).await;
    bed.wait_for(Status::Queued, 3).await;
    let jobs = bed.soniq.jobs();
    let job = jobs.get(first).await.unwrap().unwrap();
    assert_eq!(job.dedup_key, None);
    let noted = bed.given_up_key(first).await;
    assert_eq!(noted.as_deref(), bed.can.notes.then_some("k"));
    let other = jobs.get(second_key).await.unwrap().unwrap();
    assert_eq!(other.dedup_key.as_deref(), Some("other"));
    let twin = jobs.get(twin.id()).await.unwrap().unwrap();
    assert_eq!(twin.dedup_key.as_deref(), Some("k"));
}

const LATER: Duration = Duration::from_secs(3600);

async fn a_retry_that_meets_its_twin_gives_up_its_key(bed: Bed) {
    let (handler, _, gate) = gated(|| Err(JobError::retry_after(LATER, "again")));
    meets_its_twin(&bed, handler, async |running| {
        gate.add_permits(4);
        bed.wait_for(Status::Processing, 0).await;
        running.stop().await;
    })
    .await;
}

async fn a_snooze_that_meets_its_twin_gives_up_its_key(bed: Bed) {
    let (handler, _, gate) = gated(|| Err(JobError::snooze(LATER, "not yet")));
    meets_its_twin(&bed, handler, async |running| {
        gate.add_permits(4);
        bed.wait_for(Status::Processing, 0).await;
        running.stop().await;
    })
    .await;
}

async fn a_release_that_meets_its_twin_gives_up_its_key(mut bed: Bed) {
    bed.soniq = bed.tuned(|settings| settings.shutdown_timeout = Duration::ZERO);
    let (deaf, _, _gate) = gated(|| Ok(()));
    meets_its_twin(&bed, deaf, async |running| running.stop().await).await;
}

async fn a_rescue_that_meets_its_twin_gives_up_its_key(bed: Bed) {
    let (deaf, _, _gate) = gated(|| Ok(()));
    meets_its_twin(&bed, deaf, async |running| {
        running.kill();
        // A worker of another task: it rescues, and claims none of these.
        let other = soniq_runtime::TaskHandlerBuilder::<Other>::new(|_, _| async {
            Ok::<(), JobError>(())
        });
        let rescuer = Running::start(bed.worker(other.build()));
        bed.wait_for(Status::Processing, 0).await;
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
