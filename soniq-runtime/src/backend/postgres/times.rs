//! Times that others wrote. The columns take `infinity`, and years that no calendar type here
//! holds; the driver refuses to read either.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

/// The time in `column`: `None` where it is null or none that can be told.
pub(crate) fn time(row: &Row, column: &str) -> Option<DateTime<Utc>> {
    row.try_get::<_, Option<DateTime<Utc>>>(column)
        .ok()
        .flatten()
}

/// The time in a column that is never null: the epoch where it is none that can be told.
pub(crate) fn time_or_epoch(row: &Row, column: &str) -> DateTime<Utc> {
    time(row, column).unwrap_or(DateTime::UNIX_EPOCH)
}
