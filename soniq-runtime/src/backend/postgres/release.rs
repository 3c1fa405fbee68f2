//! Gives back claims that nobody runs: the server committed them, and the connection was lost
//! before the worker heard of it.

use std::time::Duration;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::connect::failed;
use super::finish;
use crate::backend::{Delay, Fence, Finish, Outcome};
use crate::error::Error;

const UNKNOWN_CLAIMS: &str = include_str!("sql/unknown_claims.sql");

/// Releases what `worker` has claimed and is not among `known`; how many jobs that were. Each is
/// released behind its fence, so one that changes hands meanwhile is left alone.
pub(crate) async fn release_unknown(
    client: &Client,
    worker: Uuid,
    known: &[Fence],
) -> Result<usize, Error> {
    let (ids, claim_ids): (Vec<Uuid>, Vec<Option<i64>>) =
        known.iter().map(|fence| (fence.id, fence.claim_id)).unzip();
    let rows = client
        .query_typed(
            UNKNOWN_CLAIMS,
            &[
                (&worker, Type::UUID),
                (&ids, Type::UUID_ARRAY),
                (&claim_ids, Type::INT8_ARRAY),
            ],
        )
        .await
        .map_err(failed("looking for lost claims"))?;
    let claims: Vec<Finish> = rows.iter().map(released).collect();
    // A row that somebody has locked is found again by the next audit.
    let finished = finish::finish(client, &claims).await?;
    Ok(claims.len() - finished.lost.len() - finished.unwritten.len())
}

fn released(row: &Row) -> Finish {
    let fence = Fence {
        id: row.get("id"),
        worker: row.get("worker_id"),
        claim_id: row.get("claim_id"),
        attempts: row.get("attempts"),
    };
    let outcome = Outcome::Requeue {
        refund: true,
        delay: Delay::For(Duration::ZERO),
        error: None,
        solo: row.get("solo"),
    };
    Finish::new(fence, outcome)
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::Soniq;

    const WORKER: Uuid = Uuid::from_u128(1);

    #[tokio::test]
    async fn claims_that_the_worker_does_not_know_go_back_unspent() {
        let database = crate::testing::database().await.unwrap();
        let soniq = Soniq::connect(database.url()).unwrap();
        soniq.setup().await.unwrap();
        let client = database.connect().await.unwrap();
        // Jobs 1 and 3 are this worker's, 2 is known to it, 4 is another's; 5 is queued and holds
        // the key of 3.
        client
            .batch_execute(
                "INSERT INTO soniq_jobs
                   (id, job_name, args, status, worker_id, claim_id, attempts, dedup_key, meta)
                 SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'test.probe.v1', '{}',
                   status, worker::uuid, claim, attempts, key, meta::jsonb
                 FROM (VALUES
                   (1, 'processing', '00000000-0000-0000-0000-000000000001', 11, 2, NULL, '{\"solo\": true}'),
                   (2, 'processing', '00000000-0000-0000-0000-000000000001', 12, 1, NULL, NULL),
                   (3, 'processing', '00000000-0000-0000-0000-000000000001', 13, 1, 'k', NULL),
                   (4, 'processing', '00000000-0000-0000-0000-000000000002', 14, 1, NULL, NULL),
                   (5, 'queued', NULL, NULL, 0, 'k', NULL)
                 ) AS job (n, status, worker, claim, attempts, key, meta)",
            )
            .await
            .unwrap();
        let known = |id: u128, claim_id: i64| Fence {
            id: Uuid::from_u128(id),
            worker: Some(WORKER),
            claim_id: Some(claim_id),
            attempts: Some(1),
        };
        // Job 1 is known by an older claim only.
        let known = [known(2, 12), known(1, 10)];
        let released = soniq.backend().release_unknown(WORKER, &known).await;
        assert_eq!(released.unwrap(), 2);
        let rows = client
            .query(
                "SELECT status, attempts, worker_id IS NULL AND claim_id IS NULL AS free,
                   dedup_key, coalesce(meta ? 'solo', false) AS solo
                 FROM soniq_jobs ORDER BY id",
                &[],
            )
            .await
            .unwrap();
        let read: Vec<(String, i32, bool, Option<String>, bool)> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4)))
            .collect();
        let (queued, processing) = ("queued".to_owned(), "processing".to_owned());
        assert_eq!(
            read,
            [
                (queued.clone(), 1, true, None, true),
                (processing.clone(), 1, false, None, false),
                (queued.clone(), 0, true, None, false),
                (processing, 1, false, None, false),
                (queued, 0, true, Some("k".to_owned()), false),
            ]
        );
        let again = soniq.backend().release_unknown(WORKER, &known).await;
        assert_eq!(again.unwrap(), 0);
    }

    /// Somebody wrote over the fence of a claim that runs: its end will not match, so only this
    /// finds it.
    #[tokio::test]
    async fn claims_whose_fence_was_written_over_go_back() {
        let database = crate::testing::database().await.unwrap();
        let soniq = Soniq::connect(database.url()).unwrap();
        soniq.setup().await.unwrap();
        let client = database.connect().await.unwrap();
        client
            .batch_execute(
                "INSERT INTO soniq_jobs (id, job_name, args, status, worker_id, claim_id, attempts)
                 SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'test.probe.v1', '{}',
                   'processing', '00000000-0000-0000-0000-000000000001', claim, attempts
                 FROM (VALUES (1, NULL, 1), (2, 12, NULL), (3, NULL, NULL)) AS job (n, claim, attempts)",
            )
            .await
            .unwrap();
        let known = [1, 2, 3].map(|n| Fence {
            id: Uuid::from_u128(n),
            worker: Some(WORKER),
            claim_id: i64::try_from(n).ok().map(|n| n + 20),
            attempts: Some(1),
        });
        let released = soniq.backend().release_unknown(WORKER, &known).await;
        assert_eq!(released.unwrap(), 3);
        let queued =
            "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' AND worker_id IS NULL";
        let queued: i64 = client.query_one(queued, &[]).await.unwrap().get(0);
        assert_eq!(queued, 3);
    }
}
