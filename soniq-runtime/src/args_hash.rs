//! The canonical text of arguments and its hash, by which `unique` jobs are told apart. Soniq for
//! Python and the database's own function compute the same.

use std::fmt::Write as _;

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// SHA-256 of [`canonical`], lower-case hex.
pub(crate) fn args_hash(args: &Value) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(canonical(args)) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Keys sorted by code point, no spaces, strings in ASCII, numbers as jsonb prints them.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // UTF-8 order is code point order.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| key.as_bytes());
            out.push('{');
            for (index, (key, item)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_value(item, out);
            }
            out.push('}');
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0u16; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// The number as jsonb prints it: never with an exponent.
fn number_text(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        // numeric knows no negative zero.
        return match text.strip_prefix('-') {
            Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_owned(),
            _ => text,
        };
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).unwrap_or(i32::MAX) + exponent;
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if point <= 0 {
        let zeros = "0".repeat(usize::try_from(-point).unwrap_or(0));
        format!("{sign}0.{zeros}{digits}")
    } else if point >= length {
        let zeros = "0".repeat(usize::try_from(point - length).unwrap_or(0));
        format!("{sign}{digits}{zeros}")
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text_and_hash_agree_with_the_shared_vectors() {
        let vectors: Value =
            serde_json::from_str(include_str!("../tests/vectors/args_hash.json")).expect("JSON");
        let cases = vectors["cases"].as_array().expect("cases");
        assert!(cases.len() >= 100);
        for case in cases {
            assert_eq!(
                canonical(&case["args"]),
                case["canonical"].as_str().expect("text")
            );
            assert_eq!(
                args_hash(&case["args"]),
                case["sha256"].as_str().expect("hash")
            );
        }
    }

    #[test]
    fn exponents_are_written_out_as_numeric_does() {
        for (float, expected) in [
            (1e20, "100000000000000000000"),
            (1.5e-7, "0.00000015"),
            (-1e-10, "-0.0000000001"),
            (1.25e17, "125000000000000000"),
            (-0.0, "0.0"),
            (3.0, "3.0"),
        ] {
            let number = Number::from_f64(float).expect("finite");
            assert_eq!(number_text(&number), expected, "{number}");
        }
    }
}
