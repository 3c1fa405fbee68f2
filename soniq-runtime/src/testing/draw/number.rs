//! Numbers.

use proptest::prelude::{Just, Strategy};
use proptest::prop_oneof;
use serde_json::{Number, Value};

use super::{Draw, none};

/// How far small numbers are from where they start.
const NEAR: i128 = 200;

/// A multiple of `step`: at least `low` times, at most `high` times.
pub fn integer(low: i128, high: i128, step: i128) -> Draw {
    if low > high {
        return none();
    }
    let middle = 0.clamp(low, high);
    let near = (middle - NEAR).max(low)..=(middle + NEAR).min(high);
    // Small numbers, which are easy to read, and the bounds, where errors are.
    let times = prop_oneof![
        4 => near,
        1 => low..=high,
        1 => proptest::sample::select(vec![low, high]),
    ];
    Draw::new(times.prop_map(move |times| {
        let number = Number::from_i128(times * step);
        number.map_or(Value::Null, Value::Number)
    }))
}

/// A number from `low` to `high`, a multiple of the step if there is one.
pub fn number(low: f64, high: f64, step: Option<f64>) -> Draw {
    if low > high {
        return none();
    }
    if low.to_bits() == high.to_bits() {
        return Draw::new(Just(Value::from(low)));
    }
    let numbers = prop_oneof![
        4 => low..=high,
        1 => proptest::sample::select(vec![low, high]),
    ];
    Draw::new(numbers.prop_map(move |number| {
        let Some(step) = step else {
            return number.into();
        };
        // A product of decimals is off by its last binary digits.
        let text = format!("{:.9}", (number / step).round() * step);
        text.parse::<f64>().map_or(Value::Null, Value::from)
    }))
}
