//! Jobs that must run alone hold up nobody for longer than they have to.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use soniq_runtime::JobError;
use tokio::sync::{Notify, Semaphore};

use crate::support::{Running, bed, counting, eventually, handler, probe, task};

const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";

#[tokio::test]
async fn one_that_somebody_has_locked_does_not_make_a_worker_spin() {
    let mut bed = bed().await;
    let watch = crate::support::bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET meta = '{\"solo\": true}'")
        .await
        .unwrap();
    let (handler, _) = counting();
    let worker = bed.worker(handler);
    let name = bed.database.name().to_owned();
    let open = bed.client.transaction().await.unwrap();
    open.batch_execute("SELECT 1 FROM soniq_jobs FOR UPDATE")
        .await
        .unwrap();
    let worker = Running::start(worker);
    let transactions = async || -> i64 {
        let sql = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1";
        let row = watch.client.query_one(sql, &[&name]).await.unwrap();
        row.get(0)
    };
    // Three seconds of it, as the server counts them.
    let before = transactions().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let spent = transactions().await - before;
    open.rollback().await.unwrap();
    assert!(spent < 300, "{spent} transactions in 3 s");
    watch.client.batch_execute("SELECT 1").await.unwrap();
    worker.stop().await;
}

#[tokio::test]
async fn one_that_went_elsewhere_lets_the_worker_claim_again() {
    let bed = bed().await;
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
    task().enqueue(&bed.client, probe(0)).await.unwrap();
    let worker = Running::start(bed.worker(handler));
    assert!(eventually(async || runs.load(Ordering::SeqCst) == 1).await);
    bed.client.batch_execute("BEGIN").await.unwrap();
    let solo = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute(
            "UPDATE soniq_jobs SET meta = '{\"solo\": true}' WHERE status = 'queued'; COMMIT",
        )
        .await
        .unwrap();
    // The worker has seen it once it leaves a due job alone; then somebody calls it off.
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    assert!(bed.soniq.jobs().cancel(solo).await.unwrap());
    task().enqueue(&bed.client, probe(3)).await.unwrap();
    bed.wait_for(DONE, 2).await;
    gate.add_permits(1);
    bed.wait_for(DONE, 3).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_job_that_kills_its_worker_is_given_up_and_its_neighbours_run() {
    let bed = bed().await;
    task()
        .max_attempts(1)
        .enqueue_many(&bed.client, (0..40).map(probe))
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
            bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 1)
                .await;
            bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 39)
                .await;
        };
        tokio::select! {
            () = died.notified() => running.kill(),
            () = over => {
                running.stop().await;
                break;
            }
        }
    }
    let filter = soniq_runtime::DeadLetterFilter::default();
    let dead = bed.soniq.dead_letter().list(&filter).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].args["n"], 7);
    assert_eq!(dead[0].reason, "max_retries_exceeded");
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_jobs WHERE status = 'done'")
            .await,
        39
    );
}

/// As the one above, with a worker that holds all its neighbours when it dies.
#[tokio::test]
async fn one_that_kills_a_worker_amid_five_hundred_claimed_ahead_takes_none_with_it() {
    let bed = bed().await;
    // Short jobs first: a worker claims ahead at the pace of its last ones.
    task()
        .enqueue_many(&bed.client, (1000..1300).map(probe))
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
            bed.wait_for(DONE, 300).await;
            task()
                .max_attempts(1)
                .enqueue_many(&bed.client, (0..501).map(probe))
                .await
                .unwrap();
        }
        let over = async {
            bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 1)
                .await;
            bed.wait_for(DONE, 800).await;
        };
        tokio::select! {
            () = died.notified() => running.kill(),
            () = over => {
                running.stop().await;
                break;
            }
        }
        let processing = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";
        held = held.max(bed.count(processing).await);
    }
    assert!(
        held > 400,
        "{held} jobs were claimed when the first worker died"
    );
    let missing: Vec<i64> = (1..501)
        .filter(|n| !ran.lock().unwrap().contains(n))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let dead = "SELECT count(*) FROM soniq_dead_letter_jobs
                WHERE args ->> 'n' = '0' AND dead_letter_reason = 'max_retries_exceeded'";
    assert_eq!(bed.count(dead).await, 1);
    assert_eq!(bed.count(DONE).await, 800);
}
