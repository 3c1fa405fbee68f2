//! Passes on a real database, with rows that refuse.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use tokio_postgres::Client;

use super::{begin, maintain};
use crate::backend::Maintained;
use crate::testing::{self, Database};
use crate::{Settings, Soniq};

const DAY: Option<Duration> = Some(Duration::from_secs(86_400));

async fn database() -> (Database, Client) {
    let database = testing::database().await.unwrap();
    let mut settings = Settings::from_lookup(|_| None).unwrap();
    settings.database_url = Some(database.url().to_owned());
    let soniq = Soniq::with_settings(settings).unwrap();
    soniq.setup().await.unwrap();
    let client = database.connect().await.unwrap();
    (database, client)
}

async fn count(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Rows for every duty, 2500 each: more than two batches. In each duty's way is one that refuses,
/// the first in its order, and one amid the others.
const CROWD: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, status, expires_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'test.done.v1', '{}', 'done',
      now() - interval '1 day' + n * interval '1 s'
    FROM generate_series(1, 2500) AS n;
    CREATE TABLE invoices (job uuid REFERENCES soniq_jobs);
    INSERT INTO invoices SELECT lpad(to_hex(n), 32, '0')::uuid FROM unnest(ARRAY[1, 1234]) AS n;

    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;

    INSERT INTO soniq_dead_letter_jobs (id, job_name, args, queue, priority, max_attempts,
      attempts, dead_letter_reason, original_created_at, moved_to_dead_letter_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'test.dead.v1', '{}', 'default', n, 1, 1, 'timeout', now(),
      now() - interval '9 days' + n * interval '1 s'
    FROM generate_series(1, 2500) AS n;
    CREATE TRIGGER refuse BEFORE DELETE ON soniq_dead_letter_jobs FOR EACH ROW
      WHEN (OLD.priority IN (1, 1234)) EXECUTE FUNCTION refuse();

    INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at)
    SELECT 'test.done.v1', 'gone ' || n, now() - interval '1 day' FROM generate_series(1, 2500) AS n;
    CREATE TRIGGER refuse BEFORE DELETE ON soniq_task_registry FOR EACH ROW
      WHEN (OLD.worker_id IN ('gone 1', 'gone 1234')) EXECUTE FUNCTION refuse();

    INSERT INTO soniq_jobs (id, job_name, args, status, worker_id, claim_id, attempts, max_attempts)
    SELECT gen_random_uuid(), 'test.lost.v1', '{}', 'processing', gen_random_uuid(), n, 1, 3
    FROM generate_series(1, 2500) AS n;
    CREATE TRIGGER refuse BEFORE UPDATE ON soniq_jobs FOR EACH ROW
      WHEN (OLD.claim_id IN (1, 1234)) EXECUTE FUNCTION refuse();";

#[tokio::test]
async fn a_row_that_refuses_stops_no_duty_and_no_other_row() {
    let (_database, mut client) = database().await;
    client.batch_execute(CROWD).await.unwrap();
    let done = maintain(&mut client, 4, DAY).await.unwrap();
    assert_eq!(
        done,
        Some(Maintained {
            expired: 2498,
            rescued: 2498,
            purged: 2498,
        })
    );
    for (what, left) in [
        ("soniq_jobs WHERE status = 'done'", 2),
        ("soniq_jobs WHERE status = 'processing'", 2),
        ("soniq_dead_letter_jobs", 2),
        ("soniq_task_registry", 2),
    ] {
        let sql = format!("SELECT count(*) FROM {what}");
        assert_eq!(count(&client, &sql).await, left, "{what}");
    }
    // The next pass finds them again, and what no longer refuses goes.
    client.batch_execute("DROP TABLE invoices").await.unwrap();
    let done = maintain(&mut client, 4, DAY).await.unwrap().unwrap();
    assert_eq!((done.expired, done.rescued, done.purged), (2, 0, 0));
}

#[tokio::test]
async fn a_duty_that_fails_as_a_whole_stops_no_other() {
    let (_database, mut client) = database().await;
    client.batch_execute(CROWD).await.unwrap();
    let renamed = "ALTER TABLE soniq_task_registry RENAME TO moved";
    client.batch_execute(renamed).await.unwrap();
    let done = maintain(&mut client, 4, DAY).await.unwrap().unwrap();
    assert_eq!(
        (done.expired, done.rescued, done.purged),
        (2498, 2498, 2498)
    );
}

#[tokio::test]
async fn dead_letters_stay_where_no_retention_is_set() {
    let (_database, mut client) = database().await;
    client.batch_execute(CROWD).await.unwrap();
    let done = maintain(&mut client, 4, None).await.unwrap().unwrap();
    assert_eq!(done.purged, 0);
    let letters = "SELECT count(*) FROM soniq_dead_letter_jobs";
    assert_eq!(count(&client, letters).await, 2500);
    let soniq = Soniq::connect("postgres://localhost/unused").unwrap();
    assert_eq!(soniq.settings().dead_letter_retention, None);
}

#[tokio::test]
async fn one_process_at_a_time_sweeps_and_waits_for_nobody() {
    let (database, mut client) = database().await;
    client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, status, expires_at)
             SELECT gen_random_uuid(), 'test.done.v1', jsonb_build_object('n', n), 'done',
               now() - interval '1 h'
             FROM generate_series(1, 10) AS n",
        )
        .await
        .unwrap();
    let mut other = database.connect().await.unwrap();
    let sweeping = begin(&mut other).await.unwrap().unwrap();
    assert_eq!(maintain(&mut client, 4, None).await.unwrap(), None);
    sweeping.rollback().await.unwrap();

    // Somebody looks at one of the rows.
    let looking = other.transaction().await.unwrap();
    looking
        .batch_execute("SELECT 1 FROM soniq_jobs WHERE args = '{\"n\": 3}' FOR UPDATE")
        .await
        .unwrap();
    let done = maintain(&mut client, 4, None).await.unwrap().unwrap();
    assert_eq!(done.expired, 9);
    looking.rollback().await.unwrap();
    let done = maintain(&mut client, 4, None).await.unwrap().unwrap();
    assert_eq!(done.expired, 1);
}

/// The bounds are the transaction's: a pooler's next client has none of them.
#[tokio::test]
async fn statements_are_bounded_within_the_transaction_only() {
    let (_database, mut client) = database().await;
    let bounds = "SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) FROM pg_settings
                  WHERE name IN ('lock_timeout', 'statement_timeout',
                    'idle_in_transaction_session_timeout')";
    let shown =
        async |client: &Client| -> String { client.query_one(bounds, &[]).await.unwrap().get(0) };
    let before = shown(&client).await;
    let transaction = begin(&mut client).await.unwrap().unwrap();
    let within: String = transaction.query_one(bounds, &[]).await.unwrap().get(0);
    assert_eq!(
        within,
        "idle_in_transaction_session_timeout 60000, lock_timeout 1000, statement_timeout 30000"
    );
    transaction.commit().await.unwrap();
    assert_eq!(shown(&client).await, before);
    assert_ne!(before, within);
}
