//! From JSON to generated types.

use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use super::{Checked, Checker, Violation};

/// Checks a JSON value and decodes it.
///
/// # Errors
/// All violations, in the order of the value.
pub fn decode<T: Checked>(mut value: Value) -> Result<T, Vec<Violation>> {
    let mut checker = Checker::default();
    T::check(&value, &mut checker);
    let violations = checker.finish();
    if !violations.is_empty() {
        return Err(violations);
    }
    integers(&mut value);
    serde_json::from_value(value).map_err(|error| {
        vec![Violation {
            pointer: String::new(),
            rule: "type",
            message: format!("cannot be decoded: {error}"),
        }]
    })
}

/// Writes numbers without a fractional part as integers: `1.0` is an integer to JSON Schema, but
/// not to serde.
fn integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = integer(number) {
                *number = integer;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(integers),
        Value::Object(map) => map.values_mut().for_each(integers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The integer that a float stands for, where it is one and 64 bits hold it.
fn integer(number: &Number) -> Option<Number> {
    if !number.is_f64() {
        return None;
    }
    let float = number.as_f64()?;
    // Powers of two, so both bounds are exact as floats.
    let (least, beyond) = (-9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0);
    if float.fract() != 0.0 || !(least..beyond).contains(&float) {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "within the bounds above the cast is exact"
    )]
    Number::from_i128(float as i128)
}

/// Decodes a property that is there: null is a value of it, not its absence.
///
/// # Errors
/// Those of `T`.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use serde_json::{Value, json};

    use super::integers;

    fn normal(text: &str) -> String {
        let mut value: Value = serde_json::from_str(text).unwrap();
        integers(&mut value);
        value.to_string()
    }

    #[test]
    fn whole_floats_become_integers() {
        assert_eq!(
            normal("[1.0, -2.0, 1e3, {\"a\": 0.0}]"),
            r#"[1,-2,1000,{"a":0}]"#
        );
        assert_eq!(normal("-9223372036854775808.0"), "-9223372036854775808");
        assert_eq!(normal("18446744073709549568.0"), "18446744073709549568");
    }

    #[test]
    fn other_numbers_stay() {
        for text in ["1.5", "1e+300", "18446744073709551615", "-1.5e-7"] {
            assert_eq!(normal(text), text);
        }
        assert_eq!(
            normal("18446744073709551616.0"),
            json!(1.844_674_407_370_955_2e19).to_string()
        );
    }
}
