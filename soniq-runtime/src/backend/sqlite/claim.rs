//! Takes due jobs.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::failure::Failure;
use super::file::Change;
use super::values::{Id, Json, Time, list};
use crate::backend::{ClaimScope, ClaimedJob, Fence, Peek};

const DUE: &str = include_str!("sql/due_jobs.sql");
const DUE_SOLO: &str = include_str!("sql/due_solo.sql");
const PEEK_DUE: &str = include_str!("sql/peek_due.sql");
const PEEK_SOLO: &str = include_str!("sql/peek_solo.sql");
const CLAIM: &str = include_str!("sql/claim.sql");
const NEXT_CLAIM_ID: &str = "UPDATE soniq_claim_ids SET last = last + 1 RETURNING last";
const WORKER_EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM soniq_workers WHERE id = ?1)";

/// Claims under one number. A worker whose row is gone was taken for dead and has none.
pub(crate) struct Claimer<'a> {
    change: &'a Change<'a>,
    worker: Uuid,
    claim_id: i64,
    solo: bool,
}

impl<'a> Claimer<'a> {
    pub(crate) fn new(
        change: &'a Change<'a>,
        worker: Uuid,
        solo: bool,
    ) -> Result<Option<Self>, Failure> {
        let lives: bool = change
            .prepare_cached(WORKER_EXISTS)?
            .query_row([Id(worker)], |row| row.get(0))?;
        if !lives {
            return Ok(None);
        }
        let claim_id = change
            .prepare_cached(NEXT_CLAIM_ID)?
            .query_row([], |row| row.get(0))?;
        Ok(Some(Claimer {
            change,
            worker,
            claim_id,
            solo,
        }))
    }

    /// Takes one queued job.
    pub(crate) fn take(&self, job: Uuid) -> Result<ClaimedJob, Failure> {
        let claim = params![Id(job), Id(self.worker), self.claim_id, self.change.now];
        let mut statement = self.change.prepare_cached(CLAIM)?;
        Ok(statement.query_row(claim, |row| self.read(row))?)
    }

    /// A row that cannot be read is claimed all the same: it becomes a job whose arguments are the
    /// reason, so that the worker dead-letters it and goes on.
    fn read(&self, row: &Row<'_>) -> rusqlite::Result<ClaimedJob> {
        Ok(ClaimedJob {
            fence: Fence {
                id: row.get::<_, Id>("id")?.0,
                worker: Some(self.worker),
                claim_id: Some(self.claim_id),
                attempts: row.get("attempts")?,
            },
            name: row.get("job_name")?,
            args: row
                .get::<_, Json>("args")
                .map(|args| args.0)
                .map_err(|error| error.to_string()),
            size: row
                .get_ref("args")?
                .as_bytes_or_null()
                .ok()
                .flatten()
                .map_or(0, <[u8]>::len),
            max_attempts: row.get("max_attempts")?,
            queue: row.get("queue")?,
            created_at: row.get::<_, Time>("created_at")?.0,
            solo: self.solo,
        })
    }
}

/// Claims up to `limit` jobs, in the order in which they should run.
pub(crate) fn claim(
    change: &Change<'_>,
    scope: &ClaimScope,
    limit: usize,
) -> Result<Vec<ClaimedJob>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (queues, names) = (list(&scope.queues), list(&scope.free));
    let due = ids(change, DUE, params![queues, names, change.now, limit])?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let Some(claimer) = Claimer::new(change, scope.worker, false)? else {
        return Ok(Vec::new());
    };
    due.into_iter().map(|id| claimer.take(id)).collect()
}

pub(crate) fn claim_solo(
    change: &Change<'_>,
    scope: &ClaimScope,
) -> Result<Option<ClaimedJob>, Failure> {
    let (queues, names) = (list(&scope.queues), list(&scope.free));
    let due = ids(change, DUE_SOLO, params![queues, names, change.now])?;
    let Some(&first) = due.first() else {
        return Ok(None);
    };
    let claimer = Claimer::new(change, scope.worker, true)?;
    claimer.map(|claimer| claimer.take(first)).transpose()
}

fn ids(
    connection: &Connection,
    statement: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Uuid>, Failure> {
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map(parameters, |row| row.get::<_, Id>(0))?;
    Ok(rows
        .map(|row| row.map(|Id(id)| id))
        .collect::<Result<_, _>>()?)
}

/// What a worker that found too little asks before it sleeps.
pub(crate) fn peek(
    connection: &Connection,
    now: Time,
    scope: &ClaimScope,
) -> Result<Peek, Failure> {
    let (queues, names) = (list(&scope.queues), list(&scope.names));
    let next: Option<Time> = connection
        .prepare_cached(PEEK_DUE)?
        .query_row(params![queues, names, now], |row| row.get(0))
        .optional()?
        .flatten();
    let solo = connection
        .prepare_cached(PEEK_SOLO)?
        .query_row(params![queues, names, now], |row| row.get(0))?;
    Ok(Peek {
        next_due: next.map(|next| now.until(next)),
        solo,
        under_way: None,
    })
}
