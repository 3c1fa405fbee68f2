//! Each problem made on a server, and found there.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use tokio_postgres::Client;

use super::super::Postgres;
use super::{claims, horizon, indexes, vacuum};
use crate::backend::Backend as _;
use crate::doctor::{Check, Finding, Severity};
use crate::testing::{self, Database};
use crate::{Settings, Soniq};

async fn database() -> (Database, Client) {
    let database = testing::database_from("doctor", |url| async move {
        Soniq::connect(&url)?.setup().await.map(drop)
    })
    .await
    .unwrap();
    let client = database.connect().await.unwrap();
    (database, client)
}

/// The one finding, of that check and severity, that speaks of `words`.
fn only(findings: &[Finding], check: Check, severity: Severity, words: &str) -> String {
    let [finding] = findings else {
        panic!("one finding: {findings:#?}");
    };
    assert_eq!((finding.check, finding.severity), (check, severity));
    assert!(finding.what.contains(words), "{}", finding.what);
    finding.remedy.clone()
}

#[tokio::test]
async fn a_database_that_was_just_set_up_is_well() {
    let (database, _) = database().await;
    let settings = Settings::from_lookup(|_| None).unwrap();
    let backend = Postgres::new(database.url(), std::sync::Arc::new(settings)).unwrap();
    let mut findings = backend.diagnose().await.unwrap();
    // Servers for tests do without.
    findings.retain(|finding| finding.check != Check::Durability);
    assert_eq!(findings, []);
}

#[tokio::test]
async fn a_missing_index_comes_with_the_statement_that_makes_it() {
    let (_database, client) = database().await;
    for name in ["idx_soniq_jobs_unique_queued", "idx_soniq_jobs_expires_at"] {
        let drop = format!("DROP INDEX {name}");
        client.batch_execute(&drop).await.unwrap();
        let findings = indexes::check(&client).await.unwrap();
        let remedy = only(&findings, Check::Indexes, Severity::Problem, name);
        client.batch_execute(&remedy).await.unwrap();
        assert_eq!(indexes::check(&client).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_index_that_was_interrupted_is_made_again_by_its_remedy() {
    let (_database, client) = database().await;
    let twin = "INSERT INTO soniq_jobs (id, job_name, args, dedup_key)
                VALUES (gen_random_uuid(), 'a.b.v1', '{}', 'k')";
    client
        .batch_execute("DROP INDEX idx_soniq_jobs_dedup_key")
        .await
        .unwrap();
    client.batch_execute(twin).await.unwrap();
    client.batch_execute(twin).await.unwrap();
    let remedy = indexes::check(&client).await.unwrap()[0].remedy.clone();
    client.batch_execute(&remedy).await.unwrap_err();
    client
        .batch_execute("DELETE FROM soniq_jobs")
        .await
        .unwrap();

    let findings = indexes::check(&client).await.unwrap();
    let remedy = only(&findings, Check::Indexes, Severity::Problem, "not valid");
    for statement in remedy.lines() {
        client.batch_execute(statement).await.unwrap();
    }
    assert_eq!(indexes::check(&client).await.unwrap(), []);
}

#[tokio::test]
async fn an_index_of_nobody_is_pointed_out() {
    let (_database, client) = database().await;
    client
        .batch_execute("CREATE INDEX extra ON soniq_jobs (queue)")
        .await
        .unwrap();
    let findings = indexes::check(&client).await.unwrap();
    only(&findings, Check::Indexes, Severity::Advice, "extra");
}

#[tokio::test]
async fn an_open_transaction_is_named_with_its_process_and_statement() {
    let (database, client) = database().await;
    let mut other = database.connect().await.unwrap();
    let transaction = other.transaction().await.unwrap();
    transaction
        .batch_execute("INSERT INTO soniq_logs (level) SELECT 'x' WHERE false")
        .await
        .unwrap();
    let pid: i32 = transaction
        .query_one("SELECT pg_backend_pid() /* here */ FROM soniq_jobs RIGHT JOIN (VALUES (1)) AS v ON true", &[])
        .await
        .unwrap()
        .get(0);
    // A snapshot or an id of its own, as a transaction that has written has.
    transaction
        .batch_execute("SELECT pg_current_xact_id()")
        .await
        .unwrap();
    let findings = horizon::check(&client, 0.0).await.unwrap();
    let remedy = only(
        &findings,
        Check::Horizon,
        Severity::Problem,
        &pid.to_string(),
    );
    assert_eq!(remedy, format!("SELECT pg_terminate_backend({pid})"));
    // Not yet worth a word.
    assert_eq!(horizon::check(&client, 300.0).await.unwrap(), []);
    transaction.rollback().await.unwrap();
    assert_eq!(horizon::check(&client, 0.0).await.unwrap(), []);
}

#[tokio::test]
async fn dead_rows_and_missing_statistics_are_told() {
    let (_database, client) = database().await;
    let fill = "ALTER TABLE soniq_jobs SET (autovacuum_enabled = false);
        INSERT INTO soniq_jobs (id, job_name, args)
        SELECT gen_random_uuid(), 'a.b.v1', '{}' FROM generate_series(1, 30000)";
    client.batch_execute(fill).await.unwrap();
    flush(&client).await;
    let findings = vacuum::check(&client).await.unwrap();
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(
        findings[0]
            .what
            .contains("autovacuum is off for soniq_jobs")
    );
    assert!(findings[1].what.contains("no statistics"));
    client.batch_execute(&findings[0].remedy).await.unwrap();

    client
        .batch_execute(
            "ALTER TABLE soniq_jobs SET (autovacuum_enabled = false); DELETE FROM soniq_jobs",
        )
        .await
        .unwrap();
    flush(&client).await;
    let findings = vacuum::check(&client).await.unwrap();
    assert!(
        findings[1].what.contains("30000 dead rows"),
        "{findings:#?}"
    );
    for finding in findings {
        client.batch_execute(&finding.remedy).await.unwrap();
    }
    flush(&client).await;
    assert_eq!(vacuum::check(&client).await.unwrap(), []);
}

/// Has what this connection did counted.
async fn flush(client: &Client) {
    client
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    client
        .batch_execute("SELECT pg_stat_clear_snapshot()")
        .await
        .unwrap();
}

#[tokio::test]
async fn claims_of_the_dead_are_counted() {
    let (_database, client) = database().await;
    let worker = "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat)
        VALUES ('00000000-0000-0000-0000-000000000001', 'h', 1, now() - interval '1 hour');
        INSERT INTO soniq_jobs (id, job_name, args, status, worker_id)
        VALUES (gen_random_uuid(), 'a.b.v1', '{}', 'processing', '00000000-0000-0000-0000-000000000001')";
    client.batch_execute(worker).await.unwrap();
    let findings = claims::check(&client, 300.0).await.unwrap();
    only(&findings, Check::Claims, Severity::Problem, "1 claimed job");
    assert_eq!(claims::check(&client, 7200.0).await.unwrap(), []);
}
