//! Numbers: bounds and steps of several schemas, and values between them.

use serde_json::{Number, Value};
use soniq_schema::json_schema::Keywords;

use super::Draw;
use super::sample::Choices;

/// Bounds of a number that has none.
const FAR: f64 = 1_000_000.0;

/// Integers that fit all of the schemas.
pub(super) fn integers<'a>(all: &[&Keywords]) -> Option<Draw<'a>> {
    let mut low = i128::from(i64::MIN);
    let mut high = i128::from(i64::MAX);
    let mut step = 1;
    let formats = all.iter().filter_map(|keywords| keywords.format.as_deref());
    for width in formats.filter_map(soniq_rules::integer_width) {
        (low, high) = (*width.start(), *width.end());
    }
    for keywords in all {
        if let Some(bound) = &keywords.minimum {
            low = low.max(rounded(bound, f64::ceil));
        }
        if let Some(bound) = &keywords.exclusive_minimum {
            low = low.max(rounded(bound, f64::floor) + 1);
        }
        if let Some(bound) = &keywords.maximum {
            high = high.min(rounded(bound, f64::floor));
        }
        if let Some(bound) = &keywords.exclusive_maximum {
            high = high.min(rounded(bound, f64::ceil) - 1);
        }
        let multiple = keywords.multiple_of.as_ref();
        let multiple = multiple.filter(|multiple| soniq_rules::is_integer(multiple));
        if let Some(multiple) = multiple.map(|multiple| rounded(multiple, f64::ceil))
            && multiple % step == 0
        {
            step = multiple;
        }
    }
    let (low, high) = (-(-low).div_euclid(step), high.div_euclid(step));
    (low <= high).then_some(Draw::Integer { low, high, step })
}

/// Numbers that fit all of the schemas, or a few more: at a bound that is itself excluded.
pub(super) fn numbers<'a>(all: &[&Keywords]) -> Option<Draw<'a>> {
    let bounds = |pick: fn(&Keywords) -> [&Option<Number>; 2]| {
        let given = all.iter().flat_map(move |keywords| pick(keywords));
        given.filter_map(|bound| bound.as_ref()?.as_f64())
    };
    let low = bounds(|keywords| [&keywords.minimum, &keywords.exclusive_minimum]).reduce(f64::max);
    let high = bounds(|keywords| [&keywords.maximum, &keywords.exclusive_maximum]).reduce(f64::min);
    let low_end = low.unwrap_or_else(|| high.map_or(-FAR, |high| high.min(0.0) - FAR));
    let high_end = high.unwrap_or_else(|| low.map_or(FAR, |low| low.max(0.0) + FAR));
    let step = all
        .iter()
        .find_map(|one| one.multiple_of.as_ref()?.as_f64());
    (low_end <= high_end).then_some(Draw::Number {
        low: low_end,
        high: high_end,
        step,
    })
}

/// One of the multiples.
pub(super) fn integer(
    (low, high): (i128, i128),
    step: i128,
    choices: &mut Choices,
) -> Option<Value> {
    let count = if choices.are_plain() {
        1.clamp(low, high)
    } else {
        let middle = 0_i128.clamp(low, high);
        let near = [middle, middle, middle, low, high];
        let from = near[choices.below(near.len())];
        let far = choices.below(201) as i128 - 100;
        (from + far).clamp(low, high)
    };
    Number::from_i128(count * step).map(Value::Number)
}

/// One of the numbers.
pub(super) fn number(
    (low, high): (f64, f64),
    step: Option<f64>,
    choices: &mut Choices,
) -> Option<Value> {
    let middle = low + (high - low) / 2.0;
    let wanted = if choices.are_plain() {
        let plain = [1.0, low + 1.0, high - 1.0];
        let mut inside = plain.into_iter().filter(|one| low < *one && *one < high);
        inside.next().unwrap_or(middle)
    } else {
        #[allow(clippy::cast_precision_loss, reason = "below a thousand")]
        let part = choices.below(1001) as f64 / 1000.0;
        [low, high, middle, low + (high - low) * part][choices.below(4)]
    };
    let value = match step {
        // The product of decimals is off by its last binary digits.
        Some(step) => format!("{:.9}", (wanted / step).round() * step)
            .parse()
            .ok()?,
        None => wanted,
    };
    json(value)
}

/// A number in its shortest spelling: without a fraction where it has none.
fn json(value: f64) -> Option<Value> {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Some(Value::Number(format!("{value:.0}").parse().ok()?));
    }
    Number::from_f64(value).map(Value::Number)
}

/// The number as an integer; one beyond their range is at its end.
fn rounded(number: &Number, round: fn(f64) -> f64) -> i128 {
    const END: f64 = 1e30;
    if let Some(integer) = number.as_i128() {
        return integer;
    }
    let float = round(number.as_f64().unwrap_or(0.0)).clamp(-END, END);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "clamped, and without a fraction"
    )]
    let integer = float as i128;
    integer
}
