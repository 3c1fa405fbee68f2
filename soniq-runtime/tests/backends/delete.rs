//! Deleting jobs, and finding what is old enough to be deleted.

use std::sync::atomic::Ordering;
use std::time::Duration;

use soniq_runtime::{DeadLetterFilter, JobError, JobFilter, Status};
use uuid::Uuid;

use crate::bed::Bed;
use crate::probe::{Running, counting, gated, handler, probe, task, wait_for_start};

conformance! {
    a_queued_job_that_is_deleted_never_runs;
    a_job_that_runs_is_not_deleted;
    a_dead_letter_is_no_job_to_delete;
    a_deleted_job_has_no_twin;
    ids_are_all_that_match_newest_first;
    dead_letters_are_found_by_age;
}

async fn delete(bed: &Bed, id: Uuid) -> bool {
    bed.soniq.jobs().delete(id).await.unwrap()
}

async fn a_queued_job_that_is_deleted_never_runs(bed: Bed) {
    let kept = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let gone = task().enqueue(&bed.soniq, probe(2)).await.unwrap().id();
    assert!(delete(&bed, gone).await);
    assert!(!delete(&bed, gone).await, "it is gone already");
    assert!(!delete(&bed, Uuid::nil()).await);

    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
    assert_eq!(bed.status(gone).await, None);
    assert!(delete(&bed, kept).await, "it is done");
    assert_eq!(bed.jobs().await.len(), 0);
}

async fn a_job_that_runs_is_not_deleted(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (handler, started, gate) = gated(|| Ok(()));
    let running = Running::start(bed.worker(handler));
    wait_for_start(&started, 1).await;
    assert!(!delete(&bed, id).await);
    assert_eq!(bed.status(id).await, Some(Status::Processing));
    gate.add_permits(1);
    bed.wait_for(Status::Done, 1).await;
    running.stop().await;
    assert_eq!(started.load(Ordering::SeqCst), 1);
    assert!(delete(&bed, id).await);
}

async fn a_dead_letter_is_no_job_to_delete(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    fail_for_good(&bed).await;
    assert!(!delete(&bed, id).await);
    assert_eq!(bed.dead_letters().await.len(), 1);
}

async fn fail_for_good(bed: &Bed) {
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no")) });
    bed.worker(failing).run_once().await.unwrap();
}

async fn a_deleted_job_has_no_twin(bed: Bed) {
    let keyed = async || {
        let enqueued = task().dedup_key("k").enqueue(&bed.soniq, probe(1)).await;
        enqueued.unwrap().id()
    };
    let first = keyed().await;
    assert_eq!(keyed().await, first);
    assert!(delete(&bed, first).await);
    assert_ne!(keyed().await, first);
}

async fn ids_are_all_that_match_newest_first(bed: Bed) {
    let bulk = task().queue("bulk").enqueue(&bed.soniq, probe(0)).await;
    let bulk = bulk.unwrap().id();
    // More than a list shows.
    for n in 1..=101 {
        task().enqueue(&bed.soniq, probe(n)).await.unwrap();
    }
    let ids = async |filter: JobFilter| bed.soniq.jobs().ids(&filter).await.unwrap();
    let all: Vec<Uuid> = bed.jobs().await.iter().map(|job| job.id).collect();
    let any = JobFilter::default;
    assert_eq!(ids(any()).await, all);
    assert_eq!(all.len(), 102);
    assert_eq!(ids(any().limit(2)).await, all[..2]);
    assert_eq!(ids(any().queue("bulk")).await, [bulk]);
    assert_eq!(ids(any().job_name("test.probe.v1")).await.len(), 102);
    assert!(ids(any().job_name("test.other.v1")).await.is_empty());
    assert!(bed.soniq.jobs().cancel(bulk).await.unwrap());
    assert_eq!(ids(any().status(Status::Cancelled)).await, [bulk]);
}

async fn dead_letters_are_found_by_age(bed: Bed) {
    const DAY: Duration = Duration::from_secs(86_400);
    let dead = async |n| {
        let id = task().enqueue(&bed.soniq, probe(n)).await.unwrap().id();
        fail_for_good(&bed).await;
        id
    };
    let old = dead(1).await;
    bed.pass(2 * DAY).await;
    let new = dead(2).await;

    let letters = bed.soniq.dead_letter();
    for (age, expected) in [
        (Duration::ZERO, &[new, old][..]),
        (DAY, &[old]),
        (3 * DAY, &[]),
        (Duration::MAX, &[]),
    ] {
        let filter = DeadLetterFilter::default().older_than(age);
        assert_eq!(letters.ids(&filter).await.unwrap(), expected, "{age:?}");
        let listed = letters.list(&filter).await.unwrap();
        let listed: Vec<Uuid> = listed.iter().map(|letter| letter.id).collect();
        assert_eq!(listed, expected, "{age:?}");
    }
}
