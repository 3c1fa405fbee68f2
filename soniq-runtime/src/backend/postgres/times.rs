//! Times and durations where the database's range and ours differ.
//!
//! The columns take `infinity`, and years that no calendar type here holds; the driver refuses to
//! read either. A [`Duration`] reaches further than any timestamp.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use crate::backend::LONGEST_DELAY;

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

/// `duration` in seconds, as the statements take it. `now()` plus more than [`LONGEST_DELAY`] is no
/// timestamp: one such row must not make a statement over many fail.
pub(crate) fn seconds(duration: Duration) -> f64 {
    duration.min(LONGEST_DELAY).as_secs_f64()
}
