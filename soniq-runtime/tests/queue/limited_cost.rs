//! What a claim of limited tasks looks at, by the blocks that Postgres counts: as `claim_cost.rs`.

use crate::claim_cost::{KEEP_STATISTICS, blocks_of};
use crate::support::{Bed, bed};

const CLAIM: &str = concat!(
    include_str!("../../src/backend/postgres/sql/under_way.sql"),
    include_str!("../../src/backend/postgres/sql/by_name.sql"),
    include_str!("../../src/backend/postgres/sql/claim_limited.sql"),
    include_str!("../../src/backend/postgres/sql/take.sql")
);

/// Jobs of as many keys, of which each may have one at a time.
const DUE: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, priority)
    SELECT gen_random_uuid(), 'test.probe.v1', jsonb_build_object('n', n), 100
    FROM generate_series(1, 2000) AS n";

/// A key that has all that it may.
const BLOCKED: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, status)
    VALUES (gen_random_uuid(), 'test.probe.v1', '{\"n\": 0}', 'processing')";

/// Blocks touched by a claim of 100 jobs that looks at so many, and whether it found them.
async fn blocks(bed: &Bed, looks: &str) -> (i64, bool) {
    let statement = CLAIM
        .replace("$6", "ARRAY[1, 1]")
        .replace("$7", "ARRAY[1]")
        .replace("$8", r#"ARRAY['[{"field": ["n"]}]'::jsonb]"#);
    blocks_of(bed, &statement, looks).await
}

/// The same with a crowd as without it, whatever the planner knows of the crowd.
async fn check(crowd: &str) {
    let bed = bed().await;
    bed.client
        .batch_execute(&format!("{KEEP_STATISTICS}; {DUE}"))
        .await
        .unwrap();
    let (alone, found) = blocks(&bed, "500").await;
    assert!(found);
    for next in [crowd, "ANALYZE soniq_jobs"] {
        bed.client.batch_execute(next).await.unwrap();
        let (blocks, found) = blocks(&bed, "500").await;
        assert!(found);
        assert!(blocks <= alone * 2, "{blocks} blocks, {alone} without it");
    }
}

#[tokio::test]
async fn names_of_others_cost_nothing() {
    check(
        "INSERT INTO soniq_jobs (id, job_name, args, priority)
         SELECT gen_random_uuid(), 'foreign.probe.v1', '{}', n % 3 FROM generate_series(1, 100000) AS n",
    )
    .await;
}

#[tokio::test]
async fn rows_that_are_due_later_cost_nothing_at_a_better_priority() {
    check(
        "INSERT INTO soniq_jobs (id, job_name, args, priority, scheduled_at)
         SELECT gen_random_uuid(), 'test.probe.v1', '{\"n\": 1}', n % 3, now() + interval '1 day'
         FROM generate_series(1, 100000) AS n",
    )
    .await;
}

/// It looks as far as it is told, and no further, though the planner would rather sort them all.
#[tokio::test]
async fn a_blocked_key_costs_what_is_looked_at() {
    let bed = bed().await;
    bed.client
        .batch_execute(&format!("{KEEP_STATISTICS}; {BLOCKED}"))
        .await
        .unwrap();
    let crowd = |rows: u32| {
        format!(
            "INSERT INTO soniq_jobs (id, job_name, args, priority)
             SELECT gen_random_uuid(), 'test.probe.v1', '{{\"n\": 0}}', 1 FROM generate_series(1, {rows})"
        )
    };
    bed.client.batch_execute(&crowd(10_000)).await.unwrap();
    let (few, found) = blocks(&bed, "5000").await;
    assert!(!found);
    for next in [crowd(90_000).as_str(), "ANALYZE soniq_jobs"] {
        bed.client.batch_execute(next).await.unwrap();
        let (many, found) = blocks(&bed, "5000").await;
        assert!(!found);
        assert!(many <= few * 2, "{many} blocks, {few} of a tenth of them");
    }
}
