//! Claims whose worker has no row are rescued.

use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::super::connect::failed;
use super::super::rescue;
use super::{BATCH, MOST_REFUSED, begin};
use crate::error::Error;

const FIND: &str = include_str!("../sql/orphaned_claims.sql");

/// How many jobs were rescued.
pub(super) async fn rescue(client: &mut Client, default_max_attempts: i32) -> Result<usize, Error> {
    let doing = "rescuing orphaned jobs";
    let mut left: Vec<Uuid> = Vec::new();
    let mut rescued = 0;
    while let Some(mut transaction) = begin(client).await? {
        let rows = transaction
            .query_typed(FIND, &[(&BATCH, Type::INT8), (&left, Type::UUID_ARRAY)])
            .await
            .map_err(failed(doing))?;
        if rows.is_empty() {
            break;
        }
        let done = rescue::rescue(&mut transaction, &rows, default_max_attempts).await?;
        transaction.commit().await.map_err(failed(doing))?;
        rescued += done.rescued;
        left.extend(done.left);
        if left.len() > MOST_REFUSED {
            break;
        }
    }
    Ok(rescued)
}
