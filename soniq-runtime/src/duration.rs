//! Durations by name: `delay(minutes(5))`.

use std::time::Duration;

/// So many seconds.
///
/// ```
/// use soniq_runtime::duration::{hours, minutes, seconds};
///
/// assert_eq!(minutes(2), seconds(120));
/// assert_eq!(hours(1), minutes(60));
/// ```
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// So many minutes. More than a `u64` of seconds can hold is the longest duration.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}

/// So many hours. More than a `u64` of seconds can hold is the longest duration.
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(3600))
}

/// So many days of 24 hours. More than a `u64` of seconds can hold is the longest duration.
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(86_400))
}
