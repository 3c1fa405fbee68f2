//! The statements that end claims, each over many.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::repeated::Run;
use super::times::seconds;
use crate::backend::{Delay, Fence, Finish, Outcome};

const COMPLETE: &str = include_str!("sql/complete.sql");
const COMPLETE_NOW: &str = include_str!("sql/complete_now.sql");
const REQUEUE: &str = include_str!("sql/requeue.sql");
const DEAD_LETTER: &str = include_str!("sql/dead_letter.sql");
const HELD_CLAIMS: &str = include_str!("sql/held_claims.sql");

/// One statement over many claims.
#[derive(Clone, Copy)]
pub(crate) enum End<'a> {
    /// Leaves out rows that somebody has locked.
    Complete(&'a [&'a Finish]),
    /// Fails where somebody keeps one of the rows locked for longer than `patience`.
    CompleteNow {
        claims: &'a [&'a Finish],
        patience: Duration,
    },
    Requeue {
        claims: &'a [&'a Finish],
        patience: Duration,
        /// Every row that has a key gives it up.
        without_key: bool,
    },
    DeadLetter(&'a [&'a Finish]),
    /// Which of these claims still hold.
    Held(&'a [Fence]),
}

/// Runs one statement; the ids that it wrote, or found, come back.
pub(crate) async fn execute(
    client: &impl Run,
    end: End<'_>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    match end {
        End::Complete(claims) => complete(client, claims, None).await,
        End::CompleteNow { claims, patience } => complete(client, claims, Some(patience)).await,
        End::Requeue {
            claims,
            patience,
            without_key,
        } => requeue(client, claims, patience, without_key).await,
        End::DeadLetter(claims) => dead_letter(client, claims).await,
        End::Held(fences) => held(client, fences).await,
    }
}

macro_rules! column {
    ($claims:expr, $of:expr) => {
        &$claims.iter().map($of).collect::<Vec<_>>()
    };
}

async fn complete(
    client: &impl Run,
    claims: &[&Finish],
    patience: Option<Duration>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (mut results, mut ttls) = (Vec::new(), Vec::new());
    for claim in claims {
        let Outcome::Complete { result, ttl } = &claim.outcome else {
            continue;
        };
        results.push(result.as_ref());
        ttls.push(seconds(*ttl));
    }
    let (ids, workers, numbers, attempts) = (
        column!(claims, |c| c.fence.id),
        column!(claims, |c| c.fence.worker),
        column!(claims, |c| c.fence.claim_id),
        column!(claims, |c| c.fence.attempts),
    );
    let patience = patience.map(in_milliseconds);
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
        (ids, Type::UUID_ARRAY),
        (workers, Type::UUID_ARRAY),
        (numbers, Type::INT8_ARRAY),
        (attempts, Type::INT4_ARRAY),
        (&results, Type::JSONB_ARRAY),
        (&ttls, Type::FLOAT8_ARRAY),
    ];
    let statement = match &patience {
        None => COMPLETE,
        Some(patience) => {
            parameters.push((patience, Type::TEXT));
            COMPLETE_NOW
        }
    };
    client.rows(statement, &parameters).await
}

/// As a setting of the server spells it.
fn in_milliseconds(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

async fn requeue(
    client: &impl Run,
    claims: &[&Finish],
    patience: Duration,
    without_key: bool,
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
            Delay::For(delay) => Some(seconds(*delay)),
            Delay::None | Delay::Keep => None,
        });
        keeps.push(*delay == Delay::Keep);
        errors.push(error.as_deref());
        solos.push(*solo);
    }
    let patience = in_milliseconds(patience);
    client
        .rows(
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
                (&patience, Type::TEXT),
                (&without_key, Type::BOOL),
            ],
        )
        .await
}

async fn dead_letter(
    client: &impl Run,
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
        .rows(
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

async fn held(client: &impl Run, fences: &[Fence]) -> Result<Vec<Row>, tokio_postgres::Error> {
    client
        .rows(
            HELD_CLAIMS,
            &[
                (column!(fences, |f| f.id), Type::UUID_ARRAY),
                (column!(fences, |f| f.worker), Type::UUID_ARRAY),
                (column!(fences, |f| f.claim_id), Type::INT8_ARRAY),
                (column!(fences, |f| f.attempts), Type::INT4_ARRAY),
            ],
        )
        .await
}
