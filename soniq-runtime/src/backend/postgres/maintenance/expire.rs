//! Finished jobs past their time are deleted.

use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::sweep::Sweep;
use crate::error::Error;

/// How many were deleted.
pub(super) async fn sweep(client: &mut Client) -> Result<u64, Error> {
    Sweep {
        doing: "deleting finished jobs",
        find: include_str!("../sql/expired_jobs.sql"),
        delete: include_str!("../sql/delete_jobs.sql"),
        keys: Type::UUID_ARRAY,
        older_than: None,
    }
    .run::<Uuid>(client)
    .await
}
