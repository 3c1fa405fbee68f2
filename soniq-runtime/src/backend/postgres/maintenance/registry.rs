//! The registry forgets workers that somebody removed without it.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::sweep::Sweep;
use crate::error::Error;

/// How many rows were deleted.
pub(super) async fn sweep(client: &mut Client) -> Result<u64, Error> {
    Sweep {
        doing: "sweeping the task registry",
        find: include_str!("../sql/unknown_workers.sql"),
        delete: include_str!("../sql/delete_registry.sql"),
        keys: Type::TEXT_ARRAY,
        older_than: None,
    }
    .run::<String>(client)
    .await
}
