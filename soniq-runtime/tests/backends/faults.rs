//! What happens when workers die, are taken for dead, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use soniq_runtime::{JobError, Status, Worker};

use crate::bed::Bed;
use crate::probe::{Running, counting, eventually, gated, handler, probe, task, wait_for_start};

conformance! {
    a_job_of_a_dead_worker_runs_elsewhere;
    a_worker_that_lives_is_left_alone;
    a_zombies_late_end_changes_nothing;
    a_worker_without_a_heartbeat_is_removed_after_the_timeout;
    a_claim_whose_worker_has_no_row_is_rescued;
    a_worker_taken_for_dead_cancels_its_handlers_and_registers_afresh;
    a_worker_whose_row_is_gone_claims_nothing;
    two_workers_of_one_process_register_apart;
}

async fn a_job_of_a_dead_worker_runs_elsewhere(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (never, started, _gate) = gated(|| Ok(()));
    let doomed = Running::start(bed.worker(never));
    wait_for_start(&started, 1).await;
    let (handler, runs) = counting();
    let survivor = Running::start(bed.worker(handler));
    doomed.kill();
    bed.wait_for(Status::Done, 1).await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    let job = bed.job(id).await;
    assert_eq!(job.attempts, 2, "the dead worker's attempt counts");
    bed.wait_for_workers(1).await;
    survivor.stop().await;
}

async fn a_worker_that_lives_is_left_alone(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (slow, started, gate) = gated(|| Ok(()));
    let busy = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    let (handler, runs) = counting();
    let sibling = Running::start(bed.worker(handler));
    // Several heartbeats of both, told by the rows themselves.
    for _ in 0..6 {
        bed.wait_until("workers that beat", 2, async || {
            let workers = bed.workers().await.into_iter();
            workers.filter(|w| w.heartbeat_age_seconds < 1.0).count()
        })
        .await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    gate.add_permits(1);
    bed.wait_for(Status::Done, 1).await;
    assert_eq!(bed.job(id).await.attempts, 1);
    assert!(runs.lock().unwrap().is_empty());
    busy.stop().await;
    sibling.stop().await;
}

async fn a_zombies_late_end_changes_nothing(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (slow, started, gate) = gated(|| Ok(()));
    let zombie = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    // Rescued, and claimed by another worker that happens to be on the same attempt.
    bed.hand_over(id).await;
    let before = bed.everything_about(id).await;
    gate.add_permits(1);
    zombie.stop().await;
    assert_eq!(bed.everything_about(id).await, before);
    assert_eq!(bed.status(id).await, Some(Status::Processing));
}

async fn a_worker_without_a_heartbeat_is_removed_after_the_timeout(bed: Bed) {
    // None of the two beats again for an hour. Both live, so that only their silence tells.
    let soniq = bed.tuned(|settings| {
        settings.heartbeat_interval = Duration::from_secs(3600);
        settings.concurrency = 1;
    });
    let mut workers = Vec::new();
    for n in 1..=2 {
        task().enqueue(&bed.soniq, probe(n)).await.unwrap();
        let (slow, started, gate) = gated(|| Ok(()));
        let worker = Worker::builder(&soniq).handler(slow).build().unwrap();
        workers.push((Running::start(worker), gate));
        wait_for_start(&started, 1).await;
    }
    let claim = async |n: i64| {
        let jobs = bed.jobs().await;
        let job = jobs.into_iter().find(|job| job.args["n"] == n).unwrap();
        job.worker_id.unwrap()
    };
    let (gone, here) = (claim(1).await, claim(2).await);
    bed.silence(gone, Duration::from_secs(3600)).await;
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for(Status::Done, 1).await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    let known = async |id| bed.workers().await.iter().any(|worker| worker.id == id);
    assert!(eventually(async || !known(gone).await).await);
    assert!(known(here).await);
    assert_eq!(claim(2).await, here);
    for (running, gate) in workers {
        gate.add_permits(1);
        running.stop().await;
    }
    worker.stop().await;
}

async fn a_claim_whose_worker_has_no_row_is_rescued(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (never, started, _gate) = gated(|| Ok(()));
    let doomed = Running::start(bed.worker(never));
    wait_for_start(&started, 1).await;
    doomed.kill();
    bed.forget_workers().await;
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for(Status::Done, 1).await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    assert_eq!(bed.job(id).await.attempts, 2);
    worker.stop().await;
}

async fn a_worker_taken_for_dead_cancels_its_handlers_and_registers_afresh(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let cancelled = Arc::new(AtomicBool::new(false));
    let first = Arc::new(AtomicBool::new(true));
    let (told, once) = (Arc::clone(&cancelled), Arc::clone(&first));
    let worker = Running::start(bed.worker(handler(move |_, context| {
        let (told, once) = (Arc::clone(&told), Arc::clone(&once));
        async move {
            if once.swap(false, Ordering::SeqCst) {
                context.cancelled().await;
                told.store(true, Ordering::SeqCst);
            }
            Ok::<(), JobError>(())
        }
    })));
    assert!(eventually(async || !first.load(Ordering::SeqCst)).await);
    bed.take_all_for_dead().await;
    assert!(eventually(async || cancelled.load(Ordering::SeqCst)).await);
    bed.wait_for(Status::Done, 1).await;
    assert_eq!(bed.job(id).await.attempts, 2);
    // The job may have ended under the old identity: registering afresh takes a heartbeat.
    bed.wait_for_workers(1).await;
    worker.stop().await;
    assert!(bed.workers().await.is_empty());
}

async fn a_worker_whose_row_is_gone_claims_nothing(bed: Bed) {
    let soniq = bed.tuned(|settings| settings.heartbeat_interval = Duration::from_secs(3600));
    let (handler, zombie_runs) = counting();
    let zombie = Worker::builder(&soniq).handler(handler).build().unwrap();
    let zombie = Running::start(zombie);
    bed.wait_for_workers(1).await;
    bed.forget_workers().await;
    // It is woken for each of these, and by its poll.
    for n in 0..20 {
        task().enqueue(&bed.soniq, probe(n)).await.unwrap();
    }
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for(Status::Done, 20).await;
    assert_eq!(runs.lock().unwrap().len(), 20);
    assert!(zombie_runs.lock().unwrap().is_empty());
    worker.stop().await;
    zombie.stop().await;
}

async fn two_workers_of_one_process_register_apart(bed: Bed) {
    let (handler, _) = counting();
    let first = Running::start(bed.worker(handler.clone()));
    let second = Running::start(bed.worker(handler));
    bed.wait_for_workers(2).await;
    let workers = bed.workers().await;
    let seconds = workers.iter().filter(|w| w.hostname.ends_with("#2"));
    assert_eq!(seconds.count(), 1);
    first.stop().await;
    second.stop().await;
}
