//! What a claim takes, whichever way it looks.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::Client;
use uuid::Uuid;

use super::claim_looking;
use crate::Soniq;
use crate::backend::ClaimScope;
use crate::testing::{self, Database};
use crate::worker::Unknown;

const WORKER: Uuid = Uuid::from_u128(1);

/// Jobs of two names, in two queues and at five priorities, and rows between them that are not to be
/// taken: another name, another queue, a paused one, due later, to be claimed alone.
const JOBS: &str = "
    INSERT INTO soniq_workers (id, hostname, pid)
    VALUES ('00000000-0000-0000-0000-000000000001', 'here', 1);
    INSERT INTO soniq_paused_queues (queue) VALUES ('paused');
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, created_at, scheduled_at, meta)
    SELECT
        md5(n::text)::uuid,
        (ARRAY['test.one.v1', 'test.two.v1', 'test.foreign.v1'])[1 + n % 3],
        '{}',
        (ARRAY[NULL, 'default', 'bulk', 'others', 'paused'])[1 + n % 5],
        nullif(n % 7, 3) * 20,
        now() - interval '1 hour' + n % 11 * interval '1 s',
        CASE WHEN n % 13 = 0 THEN now() + interval '1 hour' WHEN n % 4 = 0 THEN now() - n % 9 * interval '1 h' END,
        CASE WHEN n % 17 = 0 THEN '{\"solo\": true}'::jsonb END
    FROM generate_series(1, 600) AS n";

/// Those to be taken, in order.
const WANTED: &str = "
    SELECT id FROM soniq_jobs
    WHERE status = 'queued' AND job_name IN ('test.one.v1', 'test.two.v1')
      AND coalesce(queue, 'default') IN ('default', 'bulk')
      AND coalesce(scheduled_at, created_at) <= now() AND meta IS NULL
    ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at), id";

fn scope() -> ClaimScope {
    let names = vec!["test.one.v1".to_owned(), "test.two.v1".to_owned()];
    let queues = ["default", "bulk", "paused", "bulk"];
    ClaimScope {
        worker: WORKER,
        queues: queues.map(str::to_owned).to_vec(),
        names: names.clone(),
        free: names,
        limited: Vec::new(),
        unknown: Unknown::Leave,
        trail: Arc::default(),
    }
}

async fn jobs() -> (Database, Client, Vec<Uuid>) {
    let database = testing::database().await.unwrap();
    let soniq = Soniq::connect(database.url()).unwrap();
    soniq.setup().await.unwrap();
    let client = database.connect().await.unwrap();
    client.batch_execute(JOBS).await.unwrap();
    let wanted = client.query(WANTED, &[]).await.unwrap();
    let wanted: Vec<Uuid> = wanted.iter().map(|row| row.get(0)).collect();
    assert!(wanted.len() > 100, "{}", wanted.len());
    (database, client, wanted)
}

async fn claim(client: &Client, limit: usize, looks: usize) -> Vec<Uuid> {
    let jobs = claim_looking(client, &scope(), limit, looks).await.unwrap();
    jobs.iter().map(|job| job.fence.id).collect()
}

#[tokio::test]
async fn order_and_limit_are_the_same_however_far_it_looks() {
    for looks in [20, 100, 10_000] {
        let (_database, client, wanted) = jobs().await;
        let mut claimed = Vec::new();
        for limit in [1, 9, 50, 1000] {
            let expected = limit.min(wanted.len() - claimed.len());
            let jobs = claim(&client, limit, looks).await;
            assert_eq!(jobs.len(), expected, "{limit} of {looks} looks");
            claimed.extend(jobs);
        }
        assert_eq!(claimed, wanted, "{looks} looks");
        assert!(claim(&client, 5, looks).await.is_empty());
    }
}

#[tokio::test]
async fn jobs_behind_those_that_others_hold_are_found() {
    for looks in [20, 100] {
        let (database, client, wanted) = jobs().await;
        let mut other = database.connect().await.unwrap();
        let lock = other.transaction().await.unwrap();
        let held = wanted[..90].to_vec();
        lock.execute(
            "SELECT FROM soniq_jobs WHERE id = ANY ($1) FOR UPDATE",
            &[&held],
        )
        .await
        .unwrap();
        assert_eq!(
            claim(&client, 5, looks).await,
            wanted[90..95],
            "{looks} looks"
        );
        lock.rollback().await.unwrap();
        assert_eq!(claim(&client, 5, looks).await, wanted[..5], "{looks} looks");
    }
}

#[tokio::test]
async fn what_was_claimed_since_the_snapshot_is_not_touched() {
    for looks in [20, 10_000] {
        let (database, client, wanted) = jobs().await;
        let late = database.connect().await.unwrap();
        // To touch such a row fails the statement there. The seed is one with which it has no doubt.
        late.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT setseed(0.5)")
            .await
            .unwrap();
        assert_eq!(claim(&client, 30, looks).await, wanted[..30]);
        assert_eq!(
            claim(&late, 5, looks).await,
            wanted[30..35],
            "{looks} looks"
        );
    }
}

/// What lies behind the place that the claims have come to is not seen until a claim begins anew.
#[tokio::test]
async fn where_it_is_dear_to_begin_anew_claims_go_on_from_where_they_were() {
    let (_database, client, wanted) = jobs().await;
    let scope = scope();
    let ids = async |limit| {
        let jobs = super::claim(&client, &scope, limit).await.unwrap();
        jobs.iter().map(|job| job.fence.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(10).await, wanted[..10]);
    client
        .execute(
            "UPDATE soniq_jobs SET status = 'queued', worker_id = NULL, claim_id = NULL WHERE id = ANY ($1)",
            &[&&wanted[2..4]],
        )
        .await
        .unwrap();
    let now = Instant::now();
    for _ in 0..2 {
        scope.trail.walked(Duration::from_secs(60), 0, now);
    }
    // Priorities that it has not met are left for then, too.
    let onward = ids(wanted.len()).await;
    assert!(wanted[10..].starts_with(&onward), "{onward:?}");
    assert!(!onward.is_empty());
    scope.trail.begin_anew();
    let rest = [&wanted[2..4], &wanted[10 + onward.len()..]].concat();
    assert_eq!(ids(wanted.len()).await, rest);
}
