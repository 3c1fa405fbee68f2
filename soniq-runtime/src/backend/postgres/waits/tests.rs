//! With somebody who really holds a lock.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use super::super::connect::Connections;
use super::super::migrate;
use super::Patience;
use crate::Soniq;
use crate::error::Error;
use crate::testing::{self, Database};

const SHORT: Patience = Patience {
    wait: Duration::from_millis(1500),
    tries: 2,
    pause: Duration::from_millis(100),
};

/// A database whose tables wait for our additions, as one has that Soniq for Python set up.
async fn outdated() -> (Database, Connections) {
    let database = testing::database().await.unwrap();
    let soniq = Soniq::connect(database.url()).unwrap();
    soniq.setup().await.unwrap();
    let client = database.connect().await.unwrap();
    client
        .batch_execute("DELETE FROM soniq_migrations WHERE version >= '0500'")
        .await
        .unwrap();
    let connections = Connections::new(database.url(), 4).unwrap();
    (database, connections)
}

#[tokio::test]
async fn a_setup_behind_a_long_reader_says_who_it_is_and_stops_no_writer() {
    let (database, connections) = outdated().await;
    let mut reading = database.connect().await.unwrap();
    let reader = reading.transaction().await.unwrap();
    let row = reader
        .query_one(
            "SELECT pg_backend_pid(), count(*), 'hunter2' FROM soniq_jobs",
            &[],
        )
        .await
        .unwrap();
    let pid: i32 = row.get(0);
    let writer = database.connect().await.unwrap();
    writer
        .batch_execute("SET lock_timeout = '5s'")
        .await
        .unwrap();
    let setup = migrate::setup(&connections, SHORT);
    tokio::pin!(setup);
    let mut written = 0;
    let failed = loop {
        let insert = "INSERT INTO soniq_jobs (id, job_name, args)
                      VALUES (gen_random_uuid(), 'test.probe.v1', '{}')";
        tokio::select! {
            ended = &mut setup => break ended.unwrap_err(),
            done = writer.execute(insert, &[]) => {
                done.unwrap();
                written += 1;
            }
        }
        // Writers come one after another, not as fast as they can.
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(written > 1, "{written}");
    let text = failed.to_string();
    assert!(matches!(failed, Error::Locked { .. }), "{text}");
    assert!(text.contains(&format!("backend {pid} (role ")), "{text}");
    assert!(
        text.contains("idle in transaction, in a transaction for "),
        "{text}"
    );
    assert!(text.contains("its last statement began "), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(failed.is_transient());
    // Nothing of it is left, and once the reader is gone it goes through.
    let left = "SELECT count(*) FROM soniq_migrations WHERE version >= '0500'";
    let left: i64 = writer.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    reader.rollback().await.unwrap();
    assert!(
        !migrate::setup(&connections, SHORT)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_setup_waits_out_a_reader_that_ends() {
    let (database, connections) = outdated().await;
    let mut reading = database.connect().await.unwrap();
    let reader = reading.transaction().await.unwrap();
    reader
        .batch_execute("SELECT 1 FROM soniq_jobs")
        .await
        .unwrap();
    let patient = Patience {
        tries: 100,
        ..SHORT
    };
    let setup = migrate::setup(&connections, patient);
    let other = database.connect().await.unwrap();
    let ends = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let mut waits = 0;
        // It gives up its wait and comes again.
        while waits < 2 {
            let before = waiting_now(&other, waiting).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if before && !waiting_now(&other, waiting).await {
                waits += 1;
            }
        }
        reader.rollback().await.unwrap();
    };
    let (applied, ()) = tokio::join!(setup, ends);
    assert!(!applied.unwrap().is_empty());
}

async fn waiting_now(client: &tokio_postgres::Client, waiting: &str) -> bool {
    let count: i64 = client.query_one(waiting, &[]).await.unwrap().get(0);
    count > 0
}
