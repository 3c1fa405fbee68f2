//! `date-time`, `date` and `time` of RFC 3339 section 5.6.
//!
//! Written out rather than left to a library: a build script checks contracts by this crate, and
//! no date type is worth the crates that it would build along. The tests hold every answer to what
//! chrono decodes.

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
    let Some(minute) = minute_in_utc(time) else {
        return false;
    };
    let leaves_the_years = match date {
        "0000-01-01" => minute < 0,
        "9999-12-31" => minute >= MINUTES_OF_A_DAY,
        _ => false,
    };
    is_date(date) && !leaves_the_years
}

/// `YYYY-MM-DD`, and such a day exists in the Gregorian calendar.
pub(super) fn is_date(text: &str) -> bool {
    if !has_shape(text, "0000-00-00") {
        return false;
    }
    let year = number(&text[..4]);
    let days = match number(&text[5..7]) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&number(&text[8..]))
}

/// `HH:MM:SS`, an optional fraction, and `Z` or an offset. A leap second is one only where the
/// instant is 23:59:60 in UTC.
pub(super) fn is_time(text: &str) -> bool {
    minute_in_utc(text).is_some()
}

const MINUTES_OF_A_DAY: i32 = 24 * 60;

/// The minute of the day in UTC, below 0 on the day before and from 24 * 60 on the day after;
/// `None` for what is no time.
fn minute_in_utc(text: &str) -> Option<i32> {
    let (clock, rest) = text.split_at_checked(8)?;
    if !has_shape(clock, "00:00:00") {
        return None;
    }
    let minute = minute_of_day(&clock[..5])? - offset_minutes(without_fraction(rest)?)?;
    let ends_a_day = minute.rem_euclid(MINUTES_OF_A_DAY) == MINUTES_OF_A_DAY - 1;
    let seconds = if ends_a_day { 60 } else { 59 };
    (number(&clock[6..]) <= seconds).then_some(minute)
}

/// `HH:MM`, of that shape already.
fn minute_of_day(clock: &str) -> Option<i32> {
    let (hours, minutes) = (number(&clock[..2]), number(&clock[3..]));
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// The value of a few ASCII digits.
fn number(digits: &str) -> i32 {
    digits
        .bytes()
        .fold(0, |value, digit| value * 10 + i32::from(digit - b'0'))
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
fn offset_minutes(text: &str) -> Option<i32> {
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
    Some(sign * minute_of_day(clock)?)
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

    use chrono::{DateTime, Datelike, NaiveDate, Utc};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

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

    /// Of a text that has the RFC's shape, chrono knows whether there is such a time; but it takes
    /// a leap second in any minute.
    fn by_chrono(text: &str) -> bool {
        text.parse::<DateTime<Utc>>()
            .is_ok_and(|instant| (0..=9999).contains(&instant.year()))
    }

    #[test]
    fn every_day_is_one_that_chrono_has() {
        for year in [0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9999] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let text = format!("{year:04}-{month:02}-{day:02}");
                    assert_eq!(is_date(&text), text.parse::<NaiveDate>().is_ok(), "{text}");
                }
            }
        }
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
        fn a_shape_that_fits_matches_where_chrono_reads_it(
            text in "(0000-01-01|9999-12-31|2024-02-(29|30))T([01][0-9]|2[0-4]):[0-6][0-9]:[0-5][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])"
        ) {
            prop_assert_eq!(is_date_time(&text), by_chrono(&text), "{}", text);
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
