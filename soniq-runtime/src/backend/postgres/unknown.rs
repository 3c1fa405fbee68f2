//! Dead-letters jobs that a worker has no handler for, where it was told to.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::connect::failed;
use crate::backend::ClaimScope;
use crate::dead_letter::Reason;
use crate::error::Error;

const DEAD_LETTER_UNKNOWN: &str = include_str!("sql/dead_letter_unknown.sql");

/// How many of them there were, at most `limit`.
pub(crate) async fn dead_letter(
    client: &impl GenericClient,
    scope: &ClaimScope,
    limit: usize,
    default_max_attempts: i32,
) -> Result<usize, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client
        .query_typed(
            DEAD_LETTER_UNKNOWN,
            &[
                (&scope.queues, Type::TEXT_ARRAY),
                (&scope.names, Type::TEXT_ARRAY),
                (&limit, Type::INT8),
                (&default_max_attempts, Type::INT4),
                (&Reason::JobNotFound.as_str(), Type::TEXT),
            ],
        )
        .await
        .map_err(failed("dead-lettering jobs without a handler"))?;
    if !rows.is_empty() {
        let mut names: Vec<&str> = rows.iter().map(|row| row.get("job_name")).collect();
        names.sort_unstable();
        names.dedup();
        let jobs = rows.len();
        tracing::warn!(
            jobs,
            ?names,
            "dead-lettered jobs that this worker has no handler for"
        );
    }
    Ok(rows.len())
}
