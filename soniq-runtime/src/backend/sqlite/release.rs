//! Gives back claims that nobody runs: they were committed, and the worker's call was dropped before
//! it heard of it.

use std::time::Duration;

use rusqlite::Row;
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::Id;
use super::{finish, rescue};
use crate::backend::{Delay, Fence, Finish, Outcome};

const CLAIMS_OF_WORKER: &str = include_str!("sql/claims_of_worker.sql");

/// Releases what `worker` has claimed and is not among `known`; how many jobs that were.
pub(crate) fn release_unknown(
    change: &Change<'_>,
    worker: Uuid,
    known: &[Fence],
) -> Result<usize, Failure> {
    let is_known = |claim: &Finish| {
        let same =
            |fence: &Fence| fence.id == claim.fence.id && fence.claim_id == claim.fence.claim_id;
        known.iter().any(same)
    };
    let mut statement = change.prepare_cached(CLAIMS_OF_WORKER)?;
    let claims = statement.query_map([Id(worker)], released)?;
    let mut claims: Vec<Finish> = claims.collect::<Result<_, _>>()?;
    claims.retain(|claim| !is_known(claim));
    let finished = finish::finish(change, &claims)?;
    Ok(claims.len() - finished.lost.len())
}

fn released(row: &Row<'_>) -> rusqlite::Result<Finish> {
    let outcome = Outcome::Requeue {
        refund: true,
        delay: Delay::For(Duration::ZERO),
        error: None,
        solo: row.get("solo")?,
    };
    Ok(Finish::new(rescue::fence(row)?, outcome))
}
