//! What happens when workers die, come back, are shut down, or lose the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{JobError, Worker};
use tokio::sync::Semaphore;

use crate::support::{
    Running, bed, counting, eventually, gated, handler, probe, quick, row_version, task,
    wait_for_start,
};

#[tokio::test]
async fn a_job_of_a_dead_worker_runs_elsewhere() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let (never, started, _gate) = gated(|| Ok(()));
    let doomed = Running::start(bed.worker(never));
    wait_for_start(&started, 1).await;
    let (handler, runs) = counting();
    let survivor = Running::start(bed.worker(handler));
    doomed.kill();
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.attempts, 2, "the dead worker's attempt counts");
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    survivor.stop().await;
}

#[tokio::test]
async fn a_worker_that_lives_is_left_alone() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let (slow, started, gate) = gated(|| Ok(()));
    let busy = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    let (handler, runs) = counting();
    let sibling = Running::start(bed.worker(handler));
    // Several heartbeats of both, told by the rows themselves.
    for _ in 0..6 {
        let beat =
            "SELECT count(*) FROM soniq_workers WHERE last_heartbeat > now() - interval '1 s'";
        bed.wait_for(beat, 2).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    gate.add_permits(1);
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 1",
        1,
    )
    .await;
    assert!(runs.lock().unwrap().is_empty());
    busy.stop().await;
    sibling.stop().await;
}

#[tokio::test]
async fn a_zombies_late_end_changes_nothing() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let (slow, started, gate) = gated(|| Ok(()));
    let zombie = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    // Rescued, and claimed by another worker that happens to be on the same attempt.
    bed.client
        .batch_execute(
            "UPDATE soniq_jobs
             SET worker_id = gen_random_uuid(), claim_id = nextval('soniq_claim_ids')",
        )
        .await
        .unwrap();
    let before = row_version(&bed, id).await;
    gate.add_permits(1);
    zombie.stop().await;
    assert_eq!(row_version(&bed, id).await, before);
    assert_eq!(bed.status(id).await.as_deref(), Some("processing"));
}

#[tokio::test]
async fn a_row_without_a_heartbeat_is_removed_after_the_timeout() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat) VALUES
               ('00000000-0000-0000-0000-000000000001', 'gone', 1, now() - interval '1 hour'),
               ('00000000-0000-0000-0000-000000000002', 'here', 1, now());
             INSERT INTO soniq_jobs (id, job_name, args, status, attempts, worker_id) VALUES
               (gen_random_uuid(), 'test.probe.v1', '{\"n\": 1}', 'processing', 1,
                '00000000-0000-0000-0000-000000000001'),
               (gen_random_uuid(), 'test.probe.v1', '{\"n\": 2}', 'processing', 1,
                '00000000-0000-0000-0000-000000000002')",
        )
        .await
        .unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers WHERE hostname = 'gone'",
        0,
    )
    .await;
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_workers WHERE hostname = 'here'")
            .await,
        1
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_claim_whose_worker_has_no_row_is_rescued() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, status, attempts) VALUES
               (gen_random_uuid(), 'test.probe.v1', '{\"n\": 1}', 'processing', 1)",
        )
        .await
        .unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_taken_for_dead_cancels_its_handlers_and_registers_afresh() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
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
    // As a sweep of another worker would.
    bed.client
        .batch_execute(
            "UPDATE soniq_jobs SET status = 'queued', worker_id = NULL, claim_id = NULL;
             DELETE FROM soniq_workers",
        )
        .await
        .unwrap();
    assert!(eventually(async || cancelled.load(Ordering::SeqCst)).await);
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 2",
        1,
    )
    .await;
    // The job may have ended under the old identity: registering afresh takes a heartbeat.
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    worker.stop().await;
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}

#[tokio::test]
async fn a_worker_whose_row_is_gone_claims_nothing() {
    let bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.heartbeat_interval = Duration::from_secs(3600);
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let (handler, zombie_runs) = counting();
    let zombie = Worker::builder(&soniq).handler(handler).build().unwrap();
    let zombie = Running::start(zombie);
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    bed.client
        .batch_execute("DELETE FROM soniq_workers")
        .await
        .unwrap();
    // It is woken for each of these, and by its poll.
    for n in 0..20 {
        task().enqueue(&bed.client, probe(n)).await.unwrap();
    }
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 20)
        .await;
    assert_eq!(runs.lock().unwrap().len(), 20);
    assert!(zombie_runs.lock().unwrap().is_empty());
    worker.stop().await;
    zombie.stop().await;
}

#[tokio::test]
async fn a_worker_survives_the_loss_of_its_connections() {
    let bed = bed().await;
    let (slow, started, gate) = gated(|| Ok(()));
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let worker = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    bed.client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'soniq'",
        )
        .await
        .unwrap();
    gate.add_permits(1);
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 1",
        1,
    )
    .await;
    // It listens again, and holds its lock again.
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    gate.add_permits(1);
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 2)
        .await;
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                (SELECT oid FROM pg_database WHERE datname = current_database())";
    bed.wait_for(held, 1).await;
    worker.stop().await;
}

#[tokio::test]
async fn two_workers_of_one_process_register_apart() {
    let bed = bed().await;
    let (handler, _) = counting();
    let first = Running::start(bed.worker(handler.clone()));
    let second = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 2).await;
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_workers WHERE hostname LIKE '%#2'")
            .await,
        1
    );
    let held = "SELECT count(*) FROM soniq_workers WHERE metadata ? 'liveness_lock'";
    assert_eq!(bed.count(held).await, 2);
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn what_keeps_a_worker_from_starting_is_one_clear_error() {
    let bed = bed().await;
    let (handler, _) = counting();
    let refused = async |url: &str| {
        let soniq = soniq_runtime::Soniq::with_settings(quick(url)).unwrap();
        let worker = Worker::builder(&soniq)
            .handler(handler.clone())
            .build()
            .unwrap();
        worker.run_once().await.unwrap_err().to_string()
    };
    let nobody = refused("postgres://u:hunter2@127.0.0.1:1/d?sslmode=disable").await;
    assert!(
        nobody.contains("127.0.0.1:1") && !nobody.contains("hunter2"),
        "{nobody}"
    );

    let empty = soniq_runtime::testing::database().await.unwrap();
    let empty = refused(empty.url()).await;
    assert!(empty.contains("soniq setup"), "{empty}");

    bed.client
        .batch_execute("INSERT INTO soniq_migrations (version, name) VALUES ('0999', 'later')")
        .await
        .unwrap();
    let newer = refused(bed.database.url()).await;
    assert!(newer.contains("0999") && newer.contains("newer"), "{newer}");
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

/// The backend of a session that was cut off lives on for a while and holds the liveness lock.
#[tokio::test]
async fn a_worker_whose_lock_a_ghost_holds_beats_on_and_learns_of_its_removal() {
    let bed = bed().await;
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    let key = bed
        .count("SELECT (metadata ->> 'liveness_lock')::bigint FROM soniq_workers")
        .await;
    let ghost = bed.database.connect().await.unwrap();
    let holds = format!("SELECT pg_advisory_lock({key})");
    let waiting = tokio::spawn(async move {
        ghost.batch_execute(&holds).await.unwrap();
        ghost
    });
    bed.wait_for(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'",
        1,
    )
    .await;
    bed.client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND granted AND database =
               (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await
        .unwrap();
    let ghost = waiting.await.unwrap();
    let began = "CREATE TABLE began AS SELECT now() AS at";
    bed.client.batch_execute(began).await.unwrap();
    let ghosts = "CREATE TABLE ghosts AS SELECT pg_backend_pid() AS pid";
    ghost.batch_execute(ghosts).await.unwrap();
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers, began WHERE last_heartbeat > at + interval '1 s'",
        1,
    )
    .await;
    // The ghost goes, and the lock is the worker's again.
    drop(ghost);
    let held = format!(
        "SELECT count(*) FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND classid::bigint << 32 | objid::bigint = {key}
           AND pid <> ALL (SELECT pid FROM ghosts)"
    );
    bed.wait_for(&held, 1).await;
    let removed = "WITH gone AS (DELETE FROM soniq_workers RETURNING id) SELECT count(*) FROM gone";
    assert_eq!(bed.count(removed).await, 1);
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    worker.stop().await;
}

#[tokio::test]
async fn an_end_met_by_a_read_only_database_is_written_later() {
    let bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let (slow, started, gate) = gated(|| Ok(()));
    let worker = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    // As after a failover: the database takes no writes for a while.
    let turn = async |read_only: &str| {
        let name = bed.database.name();
        bed.client
            .batch_execute(&format!(
                "SET default_transaction_read_only = off;
                 ALTER DATABASE \"{name}\" SET default_transaction_read_only = {read_only};
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND application_name = 'soniq'"
            ))
            .await
            .unwrap();
    };
    turn("on").await;
    gate.add_permits(1);
    let refused = eventually(async || {
        let row = other
            .query_one(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE '-- Finishes claims%'",
                &[],
            )
            .await
            .unwrap();
        row.get::<_, i64>(0) > 0
    })
    .await;
    assert!(refused);
    turn("off").await;
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;
    worker.stop().await;
}
