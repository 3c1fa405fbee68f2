//! What a claim looks at, by the blocks that Postgres counts: no more for a crowd in the table that
//! it does not take, whatever the planner knows of it.

use crate::support::{Bed, bed};

const CLAIM: &str = concat!(
    include_str!("../../src/backend/postgres/sql/under_way.sql"),
    include_str!("../../src/backend/postgres/sql/claim.sql"),
    include_str!("../../src/backend/postgres/sql/first_due.sql"),
    include_str!("../../src/backend/postgres/sql/take.sql")
);
const CLAIM_BY_NAME: &str = concat!(
    include_str!("../../src/backend/postgres/sql/under_way.sql"),
    include_str!("../../src/backend/postgres/sql/by_name.sql"),
    include_str!("../../src/backend/postgres/sql/claim_by_name.sql"),
    include_str!("../../src/backend/postgres/sql/take.sql")
);

/// Jobs that the claim may take.
const DUE: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, priority, created_at)
    SELECT gen_random_uuid(), 'test.probe.v1', '{}', 100, now() - interval '1 hour' + n * interval '1 ms'
    FROM generate_series(1, 2000) AS n";

/// Of the two queues that are claimed from.
const PAUSED: &str = "INSERT INTO soniq_paused_queues (queue) VALUES ('paused')";

/// Sees to it that nothing but the test changes what the planner knows.
pub(crate) const KEEP_STATISTICS: &str = "ALTER TABLE soniq_jobs SET (autovacuum_enabled = off)";

/// Without one a claim takes nothing, and looks at nothing either.
const WORKER: &str = "INSERT INTO soniq_workers (id, hostname, pid)
    VALUES ('00000000-0000-0000-0000-000000000001', 'here', 1)";

/// Blocks touched by a statement that is to claim 100 jobs, which is then undone, and whether it did.
pub(crate) async fn blocks_of(bed: &Bed, statement: &str, looks: &str) -> (i64, bool) {
    let statement = statement
        .replace("$1", "'00000000-0000-0000-0000-000000000001'::uuid")
        .replace("$2", "ARRAY['default', 'paused']")
        .replace("$3", "ARRAY['test.probe.v1', 'test.other.v1']")
        .replace("$4", "100")
        .replace("$5", looks);
    let begin = format!("BEGIN; {WORKER}");
    bed.client.batch_execute(&begin).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}");
    let row = bed.client.query_one(&explain, &[]).await.unwrap();
    bed.client.batch_execute("ROLLBACK").await.unwrap();
    let plan: serde_json::Value = row.get(0);
    let top = &plan[0]["Plan"];
    let due = top["Plans"].as_array().unwrap().iter();
    let due = due.filter(|part| part["Subplan Name"] == "CTE due");
    let locked: f64 = due.map(|part| part["Actual Rows"].as_f64().unwrap()).sum();
    let blocks =
        ["Shared Hit Blocks", "Shared Read Blocks"].map(|kind| top[kind].as_i64().unwrap());
    (blocks.iter().sum(), locked >= 100.0)
}

/// Blocks touched by a claim of 100 jobs, which goes by name where the first 400 rows are not enough.
async fn blocks(bed: &Bed) -> i64 {
    let (blocks, found) = blocks_of(bed, CLAIM, "400").await;
    if found {
        return blocks;
    }
    let (by_name, found) = blocks_of(bed, CLAIM_BY_NAME, "400").await;
    assert!(found);
    blocks + by_name
}

/// A crowd costs a claim what indexes that are a level deeper cost, and not a block for each of its rows,
/// or for some hundred of them.
async fn check(crowd: &str) {
    check_within(crowd, 0).await;
}

/// As [`check`], where so many blocks more are allowed.
async fn check_within(crowd: &str, more: i64) {
    const ANALYZE: &str = "ANALYZE soniq_jobs";

    let bed = bed().await;
    bed.client
        .batch_execute(&format!("{KEEP_STATISTICS}; {PAUSED}; {DUE}"))
        .await
        .unwrap();
    let alone = blocks(&bed).await;
    // What the planner knew of the table without the crowd is wrong of it now.
    let stale = self::bed().await;
    stale
        .client
        .batch_execute(&format!(
            "{KEEP_STATISTICS}; {PAUSED}; {DUE}; {ANALYZE}; {crowd}"
        ))
        .await
        .unwrap();
    let stale = blocks(&stale).await;
    bed.client.batch_execute(crowd).await.unwrap();
    let unknown = blocks(&bed).await;
    bed.client.batch_execute(ANALYZE).await.unwrap();
    let known = blocks(&bed).await;
    for (planner, blocks) in [("nothing", unknown), ("what was", stale), ("all", known)] {
        assert!(
            blocks <= alone * 2 + more,
            "{blocks} blocks where the planner knows {planner} of the crowd, {alone} without it"
        );
    }
}

#[tokio::test]
async fn rows_that_are_due_later_cost_nothing_at_a_better_priority() {
    check(
        "INSERT INTO soniq_jobs (id, job_name, args, priority, scheduled_at)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', n % 3, now() + interval '1 day'
         FROM generate_series(1, 100000) AS n",
    )
    .await;
}

#[tokio::test]
async fn more_of_a_backlog_costs_nothing() {
    check(
        "INSERT INTO soniq_jobs (id, job_name, args, priority)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', 100 FROM generate_series(1, 100000) AS n",
    )
    .await;
}

#[tokio::test]
async fn finished_rows_cost_nothing() {
    check(
        "INSERT INTO soniq_jobs (id, job_name, args, status, priority, expires_at)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', 'done', 1, now() + interval '1 day'
         FROM generate_series(1, 100000) AS n",
    )
    .await;
}

/// What a claim that goes by name may cost beyond its jobs: the first 400 rows, each of which may be in a
/// block of its own, and a few steps for each name and queue.
const BY_NAME: i64 = 600;

#[tokio::test]
async fn names_without_a_handler_cost_a_few_looks() {
    check_within(
        "INSERT INTO soniq_jobs (id, job_name, args, priority)
         SELECT gen_random_uuid(), 'foreign.probe.v' || n % 3, '{}', n % 3
         FROM generate_series(1, 100000) AS n",
        BY_NAME,
    )
    .await;
}

#[tokio::test]
async fn a_paused_queue_costs_a_few_looks() {
    check_within(
        "INSERT INTO soniq_jobs (id, job_name, args, priority, queue)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', n % 3, 'paused'
         FROM generate_series(1, 100000) AS n",
        BY_NAME,
    )
    .await;
}

#[tokio::test]
async fn a_queue_of_others_costs_a_few_looks() {
    check_within(
        "INSERT INTO soniq_jobs (id, job_name, args, priority, queue)
         SELECT gen_random_uuid(), 'test.probe.v1', '{}', n % 3, 'others'
         FROM generate_series(1, 100000) AS n",
        BY_NAME,
    )
    .await;
}

/// The planner was told that nothing is ever queued: a table that was analyzed while idle.
#[tokio::test]
async fn statistics_of_an_idle_hour_do_no_harm() {
    let bed = bed().await;
    bed.client
        .batch_execute(&format!(
            "{KEEP_STATISTICS}; {PAUSED};
             INSERT INTO soniq_jobs (id, job_name, args, status)
             SELECT gen_random_uuid(), 'test.probe.v1', '{{}}', 'done' FROM generate_series(1, 20000);
             ANALYZE soniq_jobs; {DUE}"
        ))
        .await
        .unwrap();
    let few = blocks(&bed).await;
    for _ in 0..20 {
        bed.client.batch_execute(DUE).await.unwrap();
    }
    let many = blocks(&bed).await;
    assert!(many <= few * 2, "{many} blocks, {few} of a small backlog");
}

/// Beside a transaction that somebody holds open nothing that was claimed since is forgotten: a claim that begins
/// at the beginning walks over all of it, one that goes on from where they ended does not.
#[tokio::test]
async fn claims_that_go_on_walk_over_nothing_that_was_claimed_before() {
    const ONWARD: &str = concat!(
        include_str!("../../src/backend/postgres/sql/under_way.sql"),
        include_str!("../../src/backend/postgres/sql/claim_onward.sql"),
        include_str!("../../src/backend/postgres/sql/first_due.sql"),
        include_str!("../../src/backend/postgres/sql/take.sql")
    );
    /// Where those that [`ENDED`] claims have come to.
    const END: &str =
        "SELECT to_char(max(created_at), 'YYYY-MM-DD HH24:MI:SS.USOF') FROM soniq_jobs
        WHERE status = 'done'";
    const ENDED: &str = "
        INSERT INTO soniq_jobs (id, job_name, args, created_at)
        SELECT gen_random_uuid(), 'test.probe.v1', '{}', now() - interval '2 hours' + n * interval '1 ms'
        FROM generate_series(1, 50000) AS n;
        UPDATE soniq_jobs SET status = 'done' WHERE created_at < now() - interval '90 minutes'";

    let bed = bed().await;
    let holder = bed.database.connect().await.unwrap();
    bed.client.batch_execute(KEEP_STATISTICS).await.unwrap();
    holder
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM soniq_jobs")
        .await
        .unwrap();
    bed.client.batch_execute(DUE).await.unwrap();
    let alone = blocks(&bed).await;
    bed.client.batch_execute(ENDED).await.unwrap();
    let end: String = bed.client.query_one(END, &[]).await.unwrap().get(0);
    let onward = ONWARD
        .replace("$6", "ARRAY[100]")
        .replace("$7", &format!("ARRAY['{end}']"))
        .replace("$8", "ARRAY['ffffffff-ffff-ffff-ffff-ffffffffffff']");
    let (onward, found) = blocks_of(&bed, &onward, "400").await;
    assert!(found);
    assert!(onward <= alone * 2, "{onward} blocks, {alone} before");
    let anew = blocks(&bed).await;
    assert!(
        anew > onward + 1000,
        "{anew} blocks from the beginning, {onward} onward"
    );
}
