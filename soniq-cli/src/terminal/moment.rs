//! Times: in UTC, and how far from now.

use chrono::{DateTime, SecondsFormat, Utc};

/// `2026-11-23T04:05:06Z (3m ago)`.
///
/// The distance is by this machine's clock, the time by the database's.
pub(crate) fn moment(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let text = time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let seconds = (now - time).num_seconds();
    match seconds {
        0 => format!("{text} (now)"),
        1.. => format!("{text} ({} ago)", distance(seconds)),
        _ => format!("{text} (in {})", distance(-seconds)),
    }
}

/// A [`moment`], or `-`.
pub(crate) fn optional_moment(time: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| moment(time, now))
}

/// Whole units of the largest one that fits.
fn distance(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn times_are_utc_with_their_distance() {
        let now = "2026-11-23T04:05:06Z".parse().unwrap();
        let shown = |text: &str| moment(text.parse().unwrap(), now);
        assert_eq!(
            shown("2026-11-23T04:05:05.900Z"),
            "2026-11-23T04:05:05Z (now)"
        );
        assert_eq!(
            shown("2026-11-23T04:05:00Z"),
            "2026-11-23T04:05:00Z (6s ago)"
        );
        assert_eq!(
            shown("2026-11-23T03:04:00Z"),
            "2026-11-23T03:04:00Z (1h ago)"
        );
        assert_eq!(
            shown("2026-11-23T05:10:06+01:00"),
            "2026-11-23T04:10:06Z (in 5m)"
        );
        assert_eq!(
            shown("2026-12-25T04:05:06Z"),
            "2026-12-25T04:05:06Z (in 32d)"
        );
        assert_eq!(optional_moment(None, now), "-");
    }
}
