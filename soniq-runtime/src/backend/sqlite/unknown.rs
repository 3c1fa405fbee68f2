//! Dead-letters jobs that a worker has no handler for, where it was told to.

use rusqlite::params;
use serde_json::Value;

use super::failure::Failure;
use super::file::Change;
use super::finish;
use super::values::{Id, Json, list};
use crate::backend::ClaimScope;
use crate::dead_letter::Reason;

const UNKNOWN: &str = include_str!("sql/unknown_jobs.sql");

/// How many of them there were, at most `limit`.
pub(crate) fn dead_letter(
    change: &Change<'_>,
    scope: &ClaimScope,
    limit: usize,
    default_max_attempts: i32,
) -> Result<usize, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (queues, names) = (list(&scope.queues), list(&scope.names));
    let mut statement = change.prepare_cached(UNKNOWN)?;
    let found = statement.query_map(params![queues, names, change.now, limit], |row| {
        let Id(id) = row.get("id")?;
        let meta: Option<Json> = row.get("meta")?;
        Ok((id, row.get::<_, String>("job_name")?, meta))
    })?;
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    let mut dead = Vec::with_capacity(found.len());
    for (id, name, meta) in found {
        let meta = match meta {
            Some(Json(Value::Object(meta))) => meta,
            _ => serde_json::Map::new(),
        };
        let error = format!("the worker of its queue has no handler for {name}");
        let told = (Reason::JobNotFound, Some(&*error), default_max_attempts);
        finish::dead_letter(change, id, meta, told)?;
        dead.push(name);
    }
    let jobs = dead.len();
    if jobs > 0 {
        dead.sort_unstable();
        dead.dedup();
        tracing::warn!(
            jobs,
            names = ?dead,
            "dead-lettered jobs that this worker has no handler for"
        );
    }
    Ok(jobs)
}
