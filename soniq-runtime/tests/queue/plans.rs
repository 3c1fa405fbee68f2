//! How Postgres runs the statements that every worker repeats, with much in the tables that is none
//! of the worker's business.

use crate::support::{Bed, bed};

/// Finished rows past their time, queued rows of a task that nobody here handles, and rows that are
/// due later.
const CROWD: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, status, expires_at)
    SELECT gen_random_uuid(), 'test.probe.v1', '{}', 'done', now() + n * interval '1 s'
    FROM generate_series(-10000, 10000) AS n;
    INSERT INTO soniq_jobs (id, job_name, args, status, scheduled_at)
    SELECT gen_random_uuid(), 'test.other.v1', '{}', 'queued', now() + n * interval '1 s'
    FROM generate_series(100, 20000) AS n;
    INSERT INTO soniq_jobs (id, job_name, args, status, scheduled_at)
    SELECT gen_random_uuid(), 'test.probe.v1', '{}', 'queued', now() + n * interval '1 s'
    FROM generate_series(100, 20000) AS n;
    INSERT INTO soniq_jobs (id, job_name, args) SELECT gen_random_uuid(), 'test.probe.v1', '{}'
    FROM generate_series(1, 1000) AS n";

/// The plan of `statement` with `parameters` in place of `$1` and so on.
async fn plan(bed: &Bed, statement: &str, parameters: &[&str]) -> String {
    let mut statement = statement.to_owned();
    for (index, value) in parameters.iter().enumerate().rev() {
        statement = statement.replace(&format!("${}", index + 1), value);
    }
    let explain = format!("EXPLAIN (COSTS OFF) {statement}");
    let messages = bed.client.simple_query(&explain).await.unwrap();
    let lines: Vec<&str> = messages
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    lines.join("\n")
}

/// One task, of which one job runs for each `n`.
const LIMITS: [&str; 3] = [
    "ARRAY[1]",
    "ARRAY[1]",
    r#"ARRAY['[{"field": ["n"]}]'::jsonb]"#,
];

/// What a completion says of one claim.
const ENDED: [&str; 6] = [
    "ARRAY['00000000-0000-0000-0000-000000000001'::uuid]",
    "ARRAY['00000000-0000-0000-0000-000000000002'::uuid]",
    "ARRAY[1::bigint]",
    "ARRAY[1]",
    "ARRAY['null'::jsonb]",
    "ARRAY[300::float8]",
];

#[tokio::test]
async fn no_statement_of_a_worker_reads_the_whole_table() {
    let bed = bed().await;
    bed.client.batch_execute(CROWD).await.unwrap();
    bed.client
        .batch_execute("ANALYZE soniq_jobs")
        .await
        .unwrap();
    let (queues, names) = ("ARRAY['default']", "ARRAY['test.probe.v1']");
    let worker = "gen_random_uuid()";
    let id = "'00000000-0000-0000-0000-000000000001'::uuid";
    for (name, statement, parameters) in [
        (
            "claim",
            concat!(
                include_str!("../../src/backend/postgres/sql/under_way.sql"),
                include_str!("../../src/backend/postgres/sql/claim.sql"),
                include_str!("../../src/backend/postgres/sql/first_due.sql"),
                include_str!("../../src/backend/postgres/sql/take.sql")
            ),
            vec![worker, queues, names, "4", "200"],
        ),
        (
            "claim_by_name",
            concat!(
                include_str!("../../src/backend/postgres/sql/under_way.sql"),
                include_str!("../../src/backend/postgres/sql/by_name.sql"),
                include_str!("../../src/backend/postgres/sql/claim_by_name.sql"),
                include_str!("../../src/backend/postgres/sql/take.sql")
            ),
            vec![worker, queues, names, "4", "4"],
        ),
        (
            "claim_solo",
            include_str!("../../src/backend/postgres/sql/claim_solo.sql"),
            vec![worker, queues, names],
        ),
        (
            "peek",
            include_str!("../../src/backend/postgres/sql/peek.sql"),
            vec![queues, names],
        ),
        (
            "dead_letter_unknown",
            include_str!("../../src/backend/postgres/sql/dead_letter_unknown.sql"),
            vec![queues, names, "100", "4", "'job_not_found'"],
        ),
        (
            "complete",
            include_str!("../../src/backend/postgres/sql/complete.sql"),
            ENDED.to_vec(),
        ),
        (
            "complete_now",
            include_str!("../../src/backend/postgres/sql/complete_now.sql"),
            [&ENDED[..], &["'10ms'"]].concat(),
        ),
        (
            "claims_of_worker",
            include_str!("../../src/backend/postgres/sql/claims_of_worker.sql"),
            vec![id, "1000"],
        ),
        (
            "unknown_claims",
            include_str!("../../src/backend/postgres/sql/unknown_claims.sql"),
            vec![id, "'{}'", "'{}'"],
        ),
        (
            "orphaned_claims",
            include_str!("../../src/backend/postgres/sql/orphaned_claims.sql"),
            vec!["1000", "'{}'"],
        ),
        (
            "expired_jobs",
            include_str!("../../src/backend/postgres/sql/expired_jobs.sql"),
            vec!["1000", "'{}'"],
        ),
        (
            "delete_jobs",
            include_str!("../../src/backend/postgres/sql/delete_jobs.sql"),
            vec!["ARRAY['00000000-0000-0000-0000-000000000001'::uuid]"],
        ),
    ] {
        let plan = plan(&bed, statement, &parameters).await;
        assert!(!plan.contains("Seq Scan on soniq_jobs"), "{name}:\n{plan}");
        if name == "claim" {
            assert!(
                plan.contains("Index Cond: ((COALESCE(priority, 100) = level"),
                "{plan}"
            );
            assert!(!plan.contains("Sort Key: soniq_jobs"), "{plan}");
        }
    }
}

#[tokio::test]
async fn no_claim_of_limited_tasks_reads_the_whole_table() {
    let bed = bed().await;
    bed.client.batch_execute(CROWD).await.unwrap();
    bed.client
        .batch_execute("ANALYZE soniq_jobs")
        .await
        .unwrap();
    let scope = [
        "gen_random_uuid()",
        "ARRAY['default']",
        "ARRAY['test.probe.v1']",
    ];
    for (candidates, looks) in [
        (
            concat!(
                include_str!("../../src/backend/postgres/sql/under_way.sql"),
                include_str!("../../src/backend/postgres/sql/by_name.sql")
            ),
            ["4", "500"],
        ),
        (
            include_str!("../../src/backend/postgres/sql/solo.sql"),
            ["1", "50000"],
        ),
    ] {
        let statement = format!(
            "{candidates}{}{}",
            include_str!("../../src/backend/postgres/sql/claim_limited.sql"),
            include_str!("../../src/backend/postgres/sql/take.sql")
        );
        let parameters = [&scope[..], &looks, &LIMITS].concat();
        let plan = plan(&bed, &statement, &parameters).await;
        assert!(!plan.contains("Seq Scan on soniq_jobs"), "{plan}");
        assert!(!plan.contains("Bitmap Heap Scan on soniq_jobs"), "{plan}");
    }
}

/// The planner was told that nothing is ever being processed: a table that was analyzed while idle.
#[tokio::test]
async fn ends_are_looked_up_one_by_one_whatever_is_thought_to_run() {
    let bed = bed().await;
    for statement in [
        "ALTER TABLE soniq_jobs SET (autovacuum_enabled = off)",
        CROWD,
        "UPDATE soniq_jobs SET status = 'done'",
        "ANALYZE soniq_jobs",
        "INSERT INTO soniq_jobs (id, job_name, args, status)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', 'processing' FROM generate_series(1, 2000)",
    ] {
        bed.client.batch_execute(statement).await.unwrap();
    }
    for (statement, parameters) in [
        (
            include_str!("../../src/backend/postgres/sql/complete.sql"),
            ENDED.to_vec(),
        ),
        (
            include_str!("../../src/backend/postgres/sql/complete_now.sql"),
            [&ENDED[..], &["'10ms'"]].concat(),
        ),
    ] {
        let plan = plan(&bed, statement, &parameters).await;
        assert!(!plan.contains("idx_soniq_jobs_claimed"), "{plan}");
        assert!(!plan.contains("Seq Scan on soniq_jobs"), "{plan}");
    }
}
