//! What workers do about a lock that somebody else holds: of a row, of a key, of the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{JobError, Worker};
use tokio::sync::Semaphore;

use crate::support::{
    Running, bed, counting, eventually, handler, probe, quick, task, wait_for_start,
};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_forced_shutdown_ends_though_a_claim_waits_for_a_lock() {
    let mut bed = bed().await;
    let (handler, _) = counting();
    let worker = bed.worker(handler);
    let other = bed.database.connect().await.unwrap();
    let lock = bed.client.transaction().await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let run = tokio::spawn(async move {
        let force = std::future::ready(());
        worker
            .run_until_forced(async { drop(stopped.await) }, force)
            .await
    });
    lock.batch_execute("LOCK TABLE soniq_jobs IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    // The worker's claim waits for that lock.
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    assert!(
        eventually(async || {
            let row = other.query_one(waiting, &[]).await.unwrap();
            row.get::<_, i64>(0) > 0
        })
        .await
    );
    drop(stop);
    let ended = tokio::time::timeout(PATIENCE, run).await;
    assert!(ended.is_ok(), "a second signal does not wait");
}

#[tokio::test]
async fn a_solo_job_that_somebody_has_locked_does_not_make_a_worker_spin() {
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
async fn enqueues_that_wait_for_a_key_leave_the_worker_its_connections() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let open = bed.client.transaction().await.unwrap();
    task()
        .dedup_key("k")
        .enqueue(&open, probe(0))
        .await
        .unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for n in 1..=40 {
        let soniq = bed.soniq.clone();
        waiting.spawn(async move { task().dedup_key("k").enqueue(&soniq, probe(n)).await });
    }
    let waits = "SELECT count(*) FROM pg_stat_activity
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let all = eventually(async || {
        let row = other.query_one(waits, &[]).await.unwrap();
        row.get::<_, i64>(0) == 16
    })
    .await;
    assert!(all, "as many wait as there are connections for callers");
    task().enqueue(&other, probe(99)).await.unwrap();
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .build()
        .unwrap();
    let worker = Running::start(worker);
    let ran = eventually(async || *runs.lock().unwrap() == [99]).await;
    open.rollback().await.unwrap();
    while let Some(answer) = waiting.join_next().await {
        answer.unwrap().unwrap();
    }
    worker.stop().await;
    assert!(ran, "{:?}", runs.lock().unwrap());
}

#[tokio::test]
async fn an_end_whose_key_an_open_transaction_holds_gives_it_up_and_holds_up_no_other() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let keyed = task().dedup_key("k").enqueue(&other, probe(0)).await;
    let (started, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
    let (seen, opens) = (Arc::clone(&started), Arc::clone(&gate));
    let worker = Running::start(bed.worker(handler(move |args, _| {
        let (seen, opens) = (Arc::clone(&seen), Arc::clone(&opens));
        async move {
            seen.fetch_add(1, Ordering::SeqCst);
            if args.n == 0 {
                let _open = opens.acquire().await?;
                return Err(JobError::retry_after(Duration::from_secs(60), "later"));
            }
            Ok::<(), JobError>(())
        }
    })));
    wait_for_start(&started, 1).await;
    // A producer takes the key while the job runs, and does not commit.
    let open = bed.client.transaction().await.unwrap();
    let held = task().dedup_key("k").enqueue(&open, probe(5)).await;
    assert!(!held.unwrap().is_duplicate());
    gate.add_permits(1);
    task()
        .enqueue_many(&other, (1..4).map(probe))
        .await
        .unwrap();
    let ended = "SELECT count(*) FROM soniq_jobs
                 WHERE status = 'done' OR dedup_key IS NULL AND meta ? 'gave_up_key' AND id = $1";
    let keyed = keyed.unwrap().id();
    let all = eventually(async || {
        let row = other.query_one(ended, &[&keyed]).await.unwrap();
        row.get::<_, i64>(0) == 4
    })
    .await;
    open.commit().await.unwrap();
    worker.stop().await;
    assert!(all, "ends wait for somebody else's transaction");
}

#[tokio::test]
async fn a_rescue_waits_neither_for_a_key_nor_for_a_row() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    // Three jobs of a dead worker: one whose key an open transaction takes, one that somebody has
    // locked, one with neither.
    other
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat) VALUES
               ('00000000-0000-0000-0000-000000000001', 'gone', 1, now() - interval '1 hour');
             INSERT INTO soniq_jobs (id, job_name, args, status, attempts, worker_id, dedup_key)
             SELECT gen_random_uuid(), 'test.probe.v1', jsonb_build_object('n', n), 'processing', 1,
               '00000000-0000-0000-0000-000000000001', CASE n WHEN 1 THEN 'k' END
             FROM generate_series(1, 3) AS n",
        )
        .await
        .unwrap();
    let open = bed.client.transaction().await.unwrap();
    task()
        .dedup_key("k")
        .enqueue(&open, probe(9))
        .await
        .unwrap();
    open.batch_execute("SELECT 1 FROM soniq_jobs WHERE args ->> 'n' = '2' FOR UPDATE")
        .await
        .unwrap();
    let soniq = soniq_runtime::Soniq::with_settings(quick(bed.database.url())).unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    let both = eventually(async || runs.lock().unwrap().len() == 2).await;
    assert!(both, "{:?}", runs.lock().unwrap());
    // Meanwhile it beats: an interval is 0.2 s.
    let age = "SELECT extract(epoch FROM now() - last_heartbeat)::float8 FROM soniq_workers
               WHERE hostname <> 'gone'";
    for _ in 0..3 {
        let row = other.query_one(age, &[]).await.unwrap();
        assert!(
            row.get::<_, f64>(0) < 3.0,
            "the rescue keeps it from beating"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    open.rollback().await.unwrap();
    let rest = eventually(async || runs.lock().unwrap().len() == 3).await;
    assert!(rest, "{:?}", runs.lock().unwrap());
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers WHERE hostname = 'gone'",
        0,
    )
    .await;
    worker.stop().await;
}
