//! `date-time`, `date` and `time` of RFC 3339 section 5.6.
//!
//! chrono reads more than the RFC writes (spaces, missing colons, lax leap seconds), so the shape
//! is checked first and chrono then says whether such a date exists.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};

/// `full-date "T" full-time`; the letters in either case, as the RFC's ABNF has them.
///
/// The instant must lie in the years 0000 to 9999 of UTC: beyond them, RFC 3339 has no text for it
/// and a value that was decoded could not be encoded again.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else {
        return false;
    };
    let Some(time) = rest.strip_prefix(['T', 't']) else {
        return false;
    };
    is_date(date)
        && is_time(time)
        && text
            .parse::<DateTime<Utc>>()
            .is_ok_and(|instant| (0..=9999).contains(&instant.year()))
}

/// `YYYY-MM-DD`, and such a day exists.
pub(super) fn is_date(text: &str) -> bool {
    has_shape(text, "0000-00-00") && text.parse::<NaiveDate>().is_ok()
}

/// `HH:MM:SS`, an optional fraction, and `Z` or an offset. A leap second is one only where the
/// instant is 23:59:60 in UTC.
pub(super) fn is_time(text: &str) -> bool {
    let Some((clock, rest)) = text.split_at_checked(8) else {
        return false;
    };
    if !has_shape(clock, "00:00:00") {
        return false;
    }
    let Some(offset_text) = without_fraction(rest) else {
        return false;
    };
    let Some(offset) = offset_minutes(offset_text) else {
        return false;
    };
    let Ok(time) = clock.parse::<NaiveTime>() else {
        return false;
    };
    let is_leap_second = time.nanosecond() >= 1_000_000_000;
    let minute_of_day = i64::from(time.hour() * 60 + time.minute());
    !is_leap_second || (minute_of_day - offset).rem_euclid(24 * 60) == 24 * 60 - 1
}

/// Strips `.123`; `None` when a point is followed by no digit.
fn without_fraction(text: &str) -> Option<&str> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some(text);
    };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < digits.len()).then_some(rest)
}

/// The offset from UTC in minutes, east positive: `Z`, `z` or `+HH:MM`.
fn offset_minutes(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let clock = &text[1..];
    if !has_shape(clock, "00:00") {
        return None;
    }
    let hours: i64 = clock[..2].parse().ok()?;
    let minutes: i64 = clock[3..].parse().ok()?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Whether `text` is `shape` with any ASCII digit where the shape has `0`.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                _ => byte == like,
            })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::String(text.to_owned()))
    }

    #[test]
    fn date_times() {
        for good in [
            "2026-11-23T09:30:00Z",
            "2026-11-23t09:30:00z",
            "2026-11-23T09:30:00.123456789012Z",
            "2026-11-23T09:30:00+05:30",
            "2026-11-23T09:30:00-00:00",
            "1998-12-31T23:59:60Z",
            "1998-12-31T15:59:60.5-08:00",
            "0000-01-01T00:00:00Z",
            "2024-02-29T00:00:00Z",
            "2026-11-23T09:30:00+23:59",
        ] {
            assert!(is_date_time(good), "{good}");
            assert!(decode::<DateTime<Utc>>(good).is_ok(), "{good}");
        }
        for bad in [
            "2026-11-23 09:30:00Z",
            "2026-11-23T09:30:00",
            "2026-11-23T09:30Z",
            "2026-11-23T09:30:00.Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T09:60:00Z",
            "2026-11-23T09:30:60Z",
            "2026-11-23T09:30:61Z",
            "2026-11-23T09:30:00+24:00",
            "2026-11-23T09:30:00+05:60",
            "2026-11-23T09:30:00+0530",
            "2026-11-23T09:30:00 Z",
            "2023-02-29T00:00:00Z",
            "+2026-11-23T09:30:00Z",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+00:01",
            "\u{661}026-11-23T09:30:00Z",
            "2026-11-2\u{e9}T09:30:00Z",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn dates_and_times() {
        assert!(is_date("2024-02-29") && !is_date("2023-02-29") && !is_date("2023-2-9"));
        assert!(!is_date("-001-01-01") && !is_date("2023-01-01 "));
        assert!(is_time("23:59:59Z") && is_time("00:59:60+01:00"));
        assert!(!is_time("23:59:59") && !is_time("00:59:60Z") && !is_time("1:00:00Z"));
    }

    /// Text that is nearly right, so that both answers come up.
    fn nearly_date_time() -> impl Strategy<Value = String> {
        "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?"
    }

    proptest! {
        #[test]
        fn what_matches_decodes_and_round_trips(text in nearly_date_time()) {
            if is_date_time(&text) {
                let instant = decode::<DateTime<Utc>>(&text).unwrap();
                let again = serde_json::to_value(instant).unwrap();
                prop_assert!(is_date_time(again.as_str().unwrap()), "{text} became {again}");
            }
        }

        #[test]
        fn a_date_that_matches_decodes(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]") {
            prop_assert_eq!(is_date(&text), decode::<NaiveDate>(&text).is_ok());
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = (is_date_time(&text), is_date(&text), is_time(&text));
        }
    }
}
