//! Dead letters past their retention are deleted, where one is set.

use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::sweep::Sweep;
use crate::error::Error;

/// How many were deleted.
pub(super) async fn sweep(client: &mut Client, retention: Duration) -> Result<u64, Error> {
    Sweep {
        doing: "deleting old dead letters",
        find: include_str!("../sql/outdated_dead_letters.sql"),
        delete: include_str!("../sql/delete_dead_letters.sql"),
        keys: Type::UUID_ARRAY,
        older_than: Some(retention),
    }
    .run::<Uuid>(client)
    .await
}
