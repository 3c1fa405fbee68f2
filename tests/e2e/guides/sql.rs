//! SQL: what enqueues, and what moves jobs here from somewhere else. The SQL of `roles.md` has tests of its own.

use soniq_runtime::{Soniq, testing};

use super::all;

/// The two relations of graphile-worker (0.16) that its guide reads, with the columns that it reads.
const GRAPHILE_WORKER: &str = r#"
    CREATE SCHEMA graphile_worker;
    CREATE TABLE graphile_worker._private_jobs (
        id bigint PRIMARY KEY, task text NOT NULL, payload json NOT NULL, run_at timestamptz NOT NULL, locked_at timestamptz
    );
    CREATE VIEW graphile_worker.jobs AS
        SELECT id, task AS task_identifier, run_at, locked_at FROM graphile_worker._private_jobs;
    INSERT INTO graphile_worker._private_jobs VALUES
        (1, 'send_invoice', '{"invoice_id": 1}', now() + interval '1 hour', NULL),
        (2, 'send_invoice', '{"invoice_id": 2}', now(), now()),
        (3, 'send_email', '{}', now(), NULL);
"#;

#[tokio::test]
async fn sql_runs() {
    let database = testing::database().await.unwrap();
    let soniq = Soniq::connect(database.url()).unwrap();
    soniq.setup().await.unwrap();
    let client = database.connect().await.unwrap();
    client.batch_execute(GRAPHILE_WORKER).await.unwrap();
    let mut seen = 0;
    for (place, block) in all("sql") {
        if !place.starts_with("roles.md") {
            seen += 1;
            let ran = client.batch_execute(&block).await;
            assert!(ran.is_ok(), "{place}: {ran:?}");
        }
    }
    assert!(seen >= 2, "only {seen} were found");

    // The job that nobody ran has moved with its time; what ran and what is another's stayed.
    let moved = "SELECT count(*) FROM soniq_jobs WHERE args ->> 'invoice_id' = '1' AND scheduled_at > now()";
    let stayed = "SELECT array_agg(id ORDER BY id) = '{2,3}' FROM graphile_worker._private_jobs";
    let moved: i64 = client.query_one(moved, &[]).await.unwrap().get(0);
    assert_eq!(moved, 1);
    assert!(
        client
            .query_one(stayed, &[])
            .await
            .unwrap()
            .get::<_, bool>(0)
    );
}
