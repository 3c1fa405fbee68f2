//! Ends claims, many in one statement, each behind its fence.

use std::collections::HashSet;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
use crate::backend::{Delay, Fence, Finish, Outcome};
use crate::error::Error;

const COMPLETE: &str = include_str!("sql/complete.sql");
const REQUEUE: &str = include_str!("sql/requeue.sql");
const DEAD_LETTER: &str = include_str!("sql/dead_letter.sql");

/// How often one row is tried whose key another enqueue takes at the same moment.
const TRIES: u32 = 10;

/// Ends `claims`; the fences that no longer matched come back. Each kind of outcome is
/// one statement, so a failure between two leaves some ended and the rest as they were: calling it
/// again ends those.
pub(crate) async fn finish(
    client: &impl GenericClient,
    claims: &[Finish],
) -> Result<Vec<Fence>, Error> {
    let mut written: HashSet<Uuid> = HashSet::with_capacity(claims.len());
    let (mut completed, mut requeued, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    for claim in claims {
        match &claim.outcome {
            Outcome::Complete { .. } => completed.push(claim),
            Outcome::Requeue { .. } => requeued.push(claim),
            Outcome::DeadLetter { .. } => dead.push(claim),
        }
    }
    if !completed.is_empty() {
        let rows = complete(client, &completed).await;
        collect(&mut written, &rows.map_err(failed("completing jobs"))?);
    }
    if !requeued.is_empty() {
        match requeue(client, &requeued).await {
            Ok(rows) => collect(&mut written, &rows),
            // A key was taken between the statement's snapshot and its write: one row's collision
            // must not hold up the others.
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                for claim in requeued {
                    collect(&mut written, &requeue_alone(client, claim).await?);
                }
            }
            Err(error) => return Err(failed("putting jobs back")(error)),
        }
    }
    if !dead.is_empty() {
        let rows = dead_letter(client, &dead).await;
        collect(&mut written, &rows.map_err(failed("dead-lettering jobs"))?);
    }
    Ok(claims
        .iter()
        .map(|claim| claim.fence)
        .filter(|fence| !written.contains(&fence.id))
        .collect())
}

fn collect(written: &mut HashSet<Uuid>, rows: &[Row]) {
    written.extend(rows.iter().map(|row| row.get::<_, Uuid>(0)));
}

macro_rules! column {
    ($claims:expr, $of:expr) => {
        &$claims.iter().map($of).collect::<Vec<_>>()
    };
}

async fn complete(
    client: &impl GenericClient,
    claims: &[&Finish],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (mut results, mut ttls) = (Vec::new(), Vec::new());
    for claim in claims {
        let Outcome::Complete { result, ttl } = &claim.outcome else {
            continue;
        };
        results.push(result.as_ref());
        ttls.push(ttl.as_secs_f64());
    }
    client
        .query_typed(
            COMPLETE,
            &[
                (column!(claims, |c| c.fence.id), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.worker), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.claim_id), Type::INT8_ARRAY),
                (column!(claims, |c| c.fence.attempts), Type::INT4_ARRAY),
                (&results, Type::JSONB_ARRAY),
                (&ttls, Type::FLOAT8_ARRAY),
            ],
        )
        .await
}

async fn requeue_alone(client: &impl GenericClient, claim: &Finish) -> Result<Vec<Row>, Error> {
    for _ in 0..TRIES {
        match requeue(client, &[claim]).await {
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {}
            answer => return answer.map_err(failed("putting jobs back")),
        }
    }
    requeue(client, &[claim])
        .await
        .map_err(failed("putting jobs back"))
}

async fn requeue(
    client: &impl GenericClient,
    claims: &[&Finish],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (mut refunds, mut delays, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut keeps, mut solos) = (Vec::new(), Vec::new());
    for claim in claims {
        let Outcome::Requeue {
            refund,
            delay,
            error,
            solo,
        } = &claim.outcome
        else {
            continue;
        };
        refunds.push(i32::from(*refund));
        delays.push(match delay {
            Delay::For(delay) => Some(delay.as_secs_f64()),
            Delay::None | Delay::Keep => None,
        });
        keeps.push(*delay == Delay::Keep);
        errors.push(error.as_deref());
        solos.push(*solo);
    }
    client
        .query_typed(
            REQUEUE,
            &[
                (column!(claims, |c| c.fence.id), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.worker), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.claim_id), Type::INT8_ARRAY),
                (column!(claims, |c| c.fence.attempts), Type::INT4_ARRAY),
                (&refunds, Type::INT4_ARRAY),
                (&delays, Type::FLOAT8_ARRAY),
                (&errors, Type::TEXT_ARRAY),
                (&keeps, Type::BOOL_ARRAY),
                (&solos, Type::BOOL_ARRAY),
            ],
        )
        .await
}

async fn dead_letter(
    client: &impl GenericClient,
    claims: &[&Finish],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (mut limits, mut reasons, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for claim in claims {
        let Outcome::DeadLetter {
            reason,
            error,
            max_attempts,
        } = &claim.outcome
        else {
            continue;
        };
        limits.push(*max_attempts);
        reasons.push(reason.as_str());
        errors.push(error.as_deref());
    }
    client
        .query_typed(
            DEAD_LETTER,
            &[
                (column!(claims, |c| c.fence.id), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.worker), Type::UUID_ARRAY),
                (column!(claims, |c| c.fence.claim_id), Type::INT8_ARRAY),
                (column!(claims, |c| c.fence.attempts), Type::INT4_ARRAY),
                (&limits, Type::INT4_ARRAY),
                (&reasons, Type::TEXT_ARRAY),
                (&errors, Type::TEXT_ARRAY),
            ],
        )
        .await
}
