//! Pauses and resumes queues.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::connect::failed;
use crate::error::Error;

const PAUSE: &str = include_str!("sql/pause_queue.sql");
const RESUME: &str = include_str!("sql/resume_queue.sql");
const PAUSED: &str = include_str!("sql/paused_queues.sql");

pub(crate) async fn pause(client: &impl GenericClient, queue: &str) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(PAUSE, &[(&queue, Type::TEXT)])
        .await
        .map_err(failed("pausing a queue"))?;
    Ok(row.is_some())
}

pub(crate) async fn resume(client: &impl GenericClient, queue: &str) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(RESUME, &[(&queue, Type::TEXT)])
        .await
        .map_err(failed("resuming a queue"))?;
    Ok(row.is_some())
}

pub(crate) async fn paused(client: &impl GenericClient) -> Result<Vec<String>, Error> {
    let rows = client
        .query_typed(PAUSED, &[])
        .await
        .map_err(failed("listing paused queues"))?;
    Ok(rows.iter().map(|row| row.get("queue")).collect())
}
