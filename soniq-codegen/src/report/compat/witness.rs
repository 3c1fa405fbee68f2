//! A witness as text that is JSON still, and no surprise for a terminal.

use std::fmt::Write as _;

use serde_json::Value;

/// The longest witness that is shown whole where people read, in characters.
const LONGEST: usize = 1_000;

/// The value on one line, if it is not too long to be shown.
pub(super) fn line(witness: &Value) -> String {
    cut(&escaped(&witness.to_string()))
}

/// The value on as many lines as it takes.
pub(super) fn lines(witness: &Value) -> String {
    cut(&escaped(&format!("{witness:#}")))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => {
            let rest = text[end..].chars().count();
            format!(
                "{} ... and {rest} more characters, which `--format json` has",
                &text[..end]
            )
        }
    }
}

/// Control characters, and those that turn the direction of what follows, as JSON escapes. They can
/// stand in texts only, where the escape means the same.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push(c),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                // Writing to a `String` does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_escaped_means_the_same() {
        let value = json!({ "a": "\u{202e}\u{85}\u{1b}[31m\n", "ä": [1.5, null] });
        for text in [line(&value), lines(&value)] {
            assert!(!text.contains(['\u{202e}', '\u{85}', '\u{1b}']), "{text:?}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn a_long_one_is_cut_and_says_so() {
        let text = line(&json!("ä".repeat(1_500)));
        assert!(
            text.ends_with("ä ... and 502 more characters, which `--format json` has"),
            "{text}"
        );
    }
}
