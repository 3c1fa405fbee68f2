//! Jobs that must run alone hold up nobody for longer than they have to.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use soniq_runtime::{JobError, Status};
use tokio::sync::{Notify, Semaphore};

use crate::bed::Bed;
use crate::probe::{Running, eventually, handler, probe, task};

conformance! {
    one_that_went_elsewhere_lets_the_worker_claim_again;
    a_job_that_kills_its_worker_is_given_up_and_its_neighbours_run;
    one_that_kills_a_worker_amid_five_hundred_claimed_ahead_takes_none_with_it;
}

async fn one_that_went_elsewhere_lets_the_worker_claim_again(bed: Bed) {
    let (gate, runs) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU32::new(0)));
    let (opens, seen) = (Arc::clone(&gate), Arc::clone(&runs));
    // Job 0 runs until the gate opens, the others end at once.
    let handler = handler(move |args, _| {
        let (opens, seen) = (Arc::clone(&opens), Arc::clone(&seen));
        async move {
            seen.fetch_add(1, Ordering::SeqCst);
            if args.n == 0 {
                let _open = opens.acquire().await?;
            }
            Ok::<(), JobError>(())
        }
    });
    task().enqueue(&bed.soniq, probe(0)).await.unwrap();
    let worker = Running::start(bed.worker(handler));
    assert!(eventually(async || runs.load(Ordering::SeqCst) == 1).await);
    // Not claimed before it is what it should be.
    let queues = bed.soniq.queues();
    assert!(queues.pause("default").await.unwrap());
    let solo = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    bed.must_run_alone(solo).await;
    assert!(queues.resume("default").await.unwrap());
    // The worker has seen it once it leaves a due job alone; then somebody calls it off.
    task().enqueue(&bed.soniq, probe(2)).await.unwrap();
    assert!(bed.soniq.jobs().cancel(solo).await.unwrap());
    task().enqueue(&bed.soniq, probe(3)).await.unwrap();
    bed.wait_for(Status::Done, 2).await;
    gate.add_permits(1);
    bed.wait_for(Status::Done, 3).await;
    worker.stop().await;
}

async fn a_job_that_kills_its_worker_is_given_up_and_its_neighbours_run(bed: Bed) {
    task()
        .max_attempts(1)
        .enqueue_many(&bed.soniq, (0..40).map(probe))
        .await
        .unwrap();
    let ran = Arc::new(AtomicU32::new(0));
    for _ in 0..30 {
        let died = Arc::new(Notify::new());
        let (dies, counts) = (Arc::clone(&died), Arc::clone(&ran));
        // Job 7 takes the worker down with it, every time.
        let worker = bed.worker(handler(move |args, _| {
            let (dies, counts) = (Arc::clone(&dies), Arc::clone(&counts));
            async move {
                if args.n == 7 {
                    dies.notify_one();
                    std::future::pending::<()>().await;
                }
                counts.fetch_add(1, Ordering::SeqCst);
                Ok::<(), JobError>(())
            }
        }));
        let running = Running::start(worker);
        let over = async {
            bed.wait_for_dead_letters(1).await;
            bed.wait_for(Status::Done, 39).await;
        };
        tokio::select! {
            () = died.notified() => running.kill(),
            () = over => {
                running.stop().await;
                break;
            }
        }
    }
    let dead = bed.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].args["n"], 7);
    assert_eq!(dead[0].reason, "max_retries_exceeded");
    assert_eq!(bed.count(Status::Done).await, 39);
}

/// As the one above, with a worker that holds all its neighbours when it dies.
async fn one_that_kills_a_worker_amid_five_hundred_claimed_ahead_takes_none_with_it(bed: Bed) {
    // Short jobs first: a worker claims ahead at the pace of its last ones.
    task()
        .enqueue_many(&bed.soniq, (1000..1300).map(probe))
        .await
        .unwrap();
    let ran = Arc::new(Mutex::new(BTreeSet::new()));
    let mut held = 0;
    for life in 0..6 {
        let died = Arc::new(Notify::new());
        let (dies, noted) = (Arc::clone(&died), Arc::clone(&ran));
        let running = Running::start(bed.worker(handler(move |args, _| {
            let (dies, noted) = (Arc::clone(&dies), Arc::clone(&noted));
            async move {
                if args.n == 0 {
                    dies.notify_one();
                    std::future::pending::<()>().await;
                }
                noted.lock().unwrap().insert(args.n);
                Ok::<(), JobError>(())
            }
        })));
        if life == 0 {
            bed.wait_for(Status::Done, 300).await;
            task()
                .max_attempts(1)
                .enqueue_many(&bed.soniq, (0..501).map(probe))
                .await
                .unwrap();
        }
        let over = async {
            bed.wait_for_dead_letters(1).await;
            bed.wait_for(Status::Done, 800).await;
        };
        tokio::select! {
            () = died.notified() => running.kill(),
            () = over => {
                running.stop().await;
                break;
            }
        }
        held = held.max(bed.count(Status::Processing).await);
    }
    assert!(
        held > 400,
        "{held} jobs were claimed when the first worker died"
    );
    let missing: Vec<i64> = (1..501)
        .filter(|n| !ran.lock().unwrap().contains(n))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let dead = bed.dead_letters().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].args["n"], 0);
    assert_eq!(dead[0].reason, "max_retries_exceeded");
    assert_eq!(bed.count(Status::Done).await, 800);
}
