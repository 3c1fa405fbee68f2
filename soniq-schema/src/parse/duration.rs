//! Durations: `"250ms"`, `"30s"`, `"10m"`, `"1h30m"`, `"7d"`.

use std::time::Duration;

use super::context::Context;
use super::table::{At, Entry};
use crate::diagnostic::{Diagnostic, codes};

/// Units, largest first, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A hundred years: longer ones are typing errors, and Postgres intervals hold this many.
const MAX: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads a duration, reporting one that is none.
pub(super) fn read(context: &mut Context<'_>, entry: &Entry<'_>) -> Option<At<Duration>> {
    let text = entry.string(context)?;
    match parse_duration(text.value) {
        Ok(value) => Some(At {
            value,
            location: text.location,
        }),
        Err(reason) => {
            let message = format!("{:?} is not a duration: {reason}", text.value);
            context.report(Diagnostic::new(
                codes::BAD_DURATION,
                message,
                &text.location,
            ));
            None
        }
    }
}

/// Reads a duration as contracts write it: numbers with units (ms, s, m, h, d), each unit at most
/// once, largest first, nothing between them. At most a hundred years.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(soniq_schema::parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
/// assert!(soniq_schema::parse_duration("90").is_err());
/// ```
///
/// # Errors
/// Why it is none, to follow "is not a duration: ".
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = split(rest, |c| c.is_ascii_digit());
        let letters = split(&rest[digits.len()..], |c| c.is_ascii_alphabetic());
        if digits.is_empty() || letters.is_empty() {
            return Err("every number needs a unit (ms, s, m, h, d)".to_owned());
        }
        rest = &rest[digits.len() + letters.len()..];
        // The iterator is not rewound: a unit that is larger than the one before is not found.
        let Some((_, length)) = units.find(|(name, _)| *name == letters) else {
            let is_unit = UNITS.iter().any(|(name, _)| *name == letters);
            return Err(if is_unit {
                "the units must come largest first, each once".to_owned()
            } else {
                format!("the unit {letters:?} is not one of ms, s, m, h, d")
            });
        };
        total = digits
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(*length))
            .and_then(|part| total.checked_add(part))
            .ok_or("it is too long")?;
    }
    let duration = Duration::from_millis(total);
    if duration > MAX {
        return Err("it is longer than a hundred years".to_owned());
    }
    Ok(duration)
}

/// The longest beginning of `text` whose characters all satisfy `is`.
fn split(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !is(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations() {
        let millis = |text| parse_duration(text).map(|duration| duration.as_millis());
        assert_eq!(millis("250ms"), Ok(250));
        assert_eq!(millis("0s"), Ok(0));
        assert_eq!(millis("1h30m"), Ok(5_400_000));
        assert_eq!(millis("7d"), Ok(604_800_000));
        assert_eq!(millis("1d2h3m4s5ms"), Ok(93_784_005));
        for bad in [
            "",
            "1",
            "s",
            "1x",
            "30m1h",
            "1h1h",
            "1.5h",
            "-1s",
            "1 h",
            " 1h",
            "1h ",
            "1H",
            "99999999999999999999s",
            "213503982334602d",
            "36501d",
        ] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,12}") {
            let _ = parse_duration(&text);
        }

        #[test]
        fn parts_add_up(hours in 0_u64..1000, minutes in 0_u64..1000) {
            let expected = Duration::from_secs(hours * 3600 + minutes * 60);
            prop_assert_eq!(parse_duration(&format!("{hours}h{minutes}m")), Ok(expected));
        }
    }
}
