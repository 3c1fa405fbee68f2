//! Dead-letters jobs that a worker has no handler for, where it was told to.

use uuid::Uuid;

use super::finish;
use super::state::{Row, State};
use crate::backend::ClaimScope;
use crate::dead_letter::Reason;
use crate::jobs::Status;

/// How many of them there were, at most `limit`. A paused queue is nobody's to clear.
pub(super) fn dead_letter(
    state: &mut State,
    scope: &ClaimScope,
    limit: usize,
    default_max_attempts: i32,
) -> usize {
    let now = state.now();
    let is_unknown = |row: &&Row| {
        row.job.status == Status::Queued
            && scope.queues.contains(&row.job.queue)
            && !state.paused.contains(&row.job.queue)
            && !scope.names.contains(&row.job.job_name)
            && row.due() <= now
    };
    let mut found: Vec<&Row> = state.jobs.values().filter(is_unknown).collect();
    found.sort_by_key(|row| (row.job.priority, row.due(), row.job.id));
    found.truncate(limit);
    let found: Vec<(Uuid, String)> = found
        .into_iter()
        .map(|row| (row.job.id, row.job.job_name.clone()))
        .collect();
    for (id, name) in &found {
        let error = format!("the worker of its queue has no handler for {name}");
        let reason = Reason::JobNotFound;
        finish::dead_letter(state, *id, reason, Some(error), default_max_attempts);
    }
    if !found.is_empty() {
        let mut names: Vec<&String> = found.iter().map(|(_, name)| name).collect();
        names.sort_unstable();
        names.dedup();
        tracing::warn!(
            jobs = found.len(),
            ?names,
            "dead-lettered jobs that this worker has no handler for"
        );
    }
    found.len()
}
