//! What happens when a worker cannot start, or loses its connections.

use soniq_runtime::Worker;

use crate::support::{
    Running, bed, counting, eventually, gated, probe, quick, task, wait_for_start,
};

#[tokio::test]
async fn each_worker_of_a_process_holds_a_lock_of_its_own() {
    let bed = bed().await;
    let (handler, _) = counting();
    let first = Running::start(bed.worker(handler.clone()));
    let second = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 2).await;
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

    // One that only adds is none of this release's business: workers restart in a rolling deploy.
    bed.client
        .batch_execute("UPDATE soniq_migrations SET version = '0899' WHERE version = '0999'")
        .await
        .unwrap();
    let (handler, _) = counting();
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    assert_eq!(bed.worker(handler).run_once().await.unwrap(), 1);
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
