//! Says which workers sleep, for enqueues to see.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connect::failed;
use crate::backend::ClaimScope;
use crate::error::Error;

const ANNOUNCE: &str = include_str!("sql/announce_sleep.sql");
const WITHDRAW: &str = include_str!("sql/withdraw_sleep.sql");

/// Whether the worker hears what it is woken by.
pub(crate) async fn announce(
    client: &impl GenericClient,
    scope: &ClaimScope,
) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(
            ANNOUNCE,
            &[
                (&scope.worker, Type::UUID),
                (&scope.queues, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed("announcing that a worker sleeps"))?;
    Ok(row.is_some())
}

pub(crate) async fn withdraw(client: &impl GenericClient, worker: Uuid) -> Result<(), Error> {
    client
        .execute_typed(WITHDRAW, &[(&worker, Type::UUID)])
        .await
        .map_err(failed("announcing that a worker is awake"))?;
    Ok(())
}
