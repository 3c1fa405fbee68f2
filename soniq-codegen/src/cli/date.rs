//! Days on the command line.

use jiff::Timestamp;
use jiff::civil::Date;

/// A day as contracts write it, `2026-07-14`.
pub(super) fn date(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", text)
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| "days are written as `2026-07-14`".to_owned())
}

/// The day on which the command is run, in UTC: the same for a team in all of its time zones.
pub(super) fn today() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
