//! Numbers by their value: JSON has one kind of number, whatever Rust type holds it.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use serde_json::Number;

/// The values that an integer `format` admits, or `None` if the name is no integer format.
///
/// ```
/// assert_eq!(soniq_rules::integer_width("uint8"), Some(0..=255));
/// assert_eq!(soniq_rules::integer_width("uuid"), None);
/// ```
pub fn integer_width(format: &str) -> Option<RangeInclusive<i128>> {
    Some(match format {
        "int8" => i8::MIN.into()..=i8::MAX.into(),
        "int16" => i16::MIN.into()..=i16::MAX.into(),
        "int32" => i32::MIN.into()..=i32::MAX.into(),
        "int64" => i64::MIN.into()..=i64::MAX.into(),
        "uint8" => 0..=u8::MAX.into(),
        "uint16" => 0..=u16::MAX.into(),
        "uint32" => 0..=u32::MAX.into(),
        "uint64" => 0..=u64::MAX.into(),
        _ => return None,
    })
}

/// Whether the number is one that a float `format` can carry: `float` is IEEE 754 binary32, whose
/// largest magnitude is about 3.4e38; `double` is binary64 and carries every JSON number. `None` if
/// the name is no float format.
///
/// ```
/// # use serde_json::json;
/// let big = json!(1e300);
/// assert_eq!(soniq_rules::float_fits("float", big.as_number().unwrap()), Some(false));
/// assert_eq!(soniq_rules::float_fits("double", big.as_number().unwrap()), Some(true));
/// assert_eq!(soniq_rules::float_fits("int32", big.as_number().unwrap()), None);
/// ```
pub fn float_fits(format: &str, number: &Number) -> Option<bool> {
    let largest = match format {
        "float" => f64::from(f32::MAX),
        "double" => f64::MAX,
        _ => return None,
    };
    Some(number.as_f64().is_none_or(|float| float.abs() <= largest))
}

/// Whether the number has no fractional part: `1` and `1.0` are integers, `1.5` is not.
///
/// ```
/// # use serde_json::json;
/// assert!(soniq_rules::is_integer(json!(1.0).as_number().unwrap()));
/// assert!(!soniq_rules::is_integer(json!(1.5).as_number().unwrap()));
/// ```
pub fn is_integer(number: &Number) -> bool {
    match Exact::of(number) {
        Exact::Integer(_) => true,
        Exact::Float(float) => float.fract() == 0.0,
    }
}

/// Whether the number is an integer and lies in `range`.
///
/// ```
/// # use serde_json::json;
/// let byte = soniq_rules::integer_width("uint8").unwrap();
/// assert!(soniq_rules::in_range(json!(255.0).as_number().unwrap(), &byte));
/// assert!(!soniq_rules::in_range(json!(256).as_number().unwrap(), &byte));
/// ```
pub fn in_range(number: &Number, range: &RangeInclusive<i128>) -> bool {
    match Exact::of(number) {
        Exact::Integer(integer) => range.contains(&integer),
        // Beyond `i128`, or with a fraction: in no range of integers.
        Exact::Float(_) => false,
    }
}

/// Orders two numbers by value, exactly: no integer is rounded to be compared with a float.
///
/// ```
/// # use serde_json::json;
/// # use std::cmp::Ordering;
/// let (int, float) = (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0));
/// let order = soniq_rules::compare(int.as_number().unwrap(), float.as_number().unwrap());
/// assert_eq!(order, Ordering::Greater);
/// ```
pub fn compare(left: &Number, right: &Number) -> Ordering {
    match (Exact::of(left), Exact::of(right)) {
        (Exact::Integer(left), Exact::Integer(right)) => left.cmp(&right),
        (Exact::Float(left), Exact::Float(right)) => compare_floats(left, right),
        (Exact::Integer(left), Exact::Float(right)) => compare_mixed(left, right),
        (Exact::Float(left), Exact::Integer(right)) => compare_mixed(right, left).reverse(),
    }
}

/// Whether `number` is a whole multiple of `divisor`, in decimal: `0.0075` is one of `0.0001`,
/// although neither is a binary fraction. Nothing is a multiple of zero, which JSON Schema forbids.
///
/// ```
/// # use serde_json::json;
/// assert!(soniq_rules::is_multiple_of(
///     json!(0.0075).as_number().unwrap(),
///     json!(0.0001).as_number().unwrap(),
/// ));
/// ```
pub fn is_multiple_of(number: &Number, divisor: &Number) -> bool {
    let (number, divisor) = (Decimal::of(number), Decimal::of(divisor));
    if divisor.digits == 0 {
        return false;
    }
    if number.digits == 0 {
        return true;
    }
    let Ok(shift) = u32::try_from(number.exponent - divisor.exponent) else {
        // The number has a finer last digit than any multiple of the divisor can have.
        return false;
    };
    // Both parts are below 2^64, so the product fits 128 bits.
    let modulus = u128::from(divisor.digits);
    let product = u128::from(number.digits) % modulus * power_of_ten(shift, modulus);
    product.is_multiple_of(modulus)
}

/// A number as an integer where it is one that `i128` holds, else as the float it is.
enum Exact {
    Integer(i128),
    Float(f64),
}

impl Exact {
    fn of(number: &Number) -> Exact {
        if let Some(integer) = number.as_i128() {
            return Exact::Integer(integer);
        }
        // A `Number` is an `i64`, a `u64` or a finite `f64`.
        let float = number.as_f64().unwrap_or(f64::MAX);
        if float.fract() == 0.0 && float.abs() < TWO_POW_126 {
            #[allow(clippy::cast_possible_truncation, reason = "integral and in range")]
            return Exact::Integer(float as i128);
        }
        Exact::Float(float)
    }
}

/// Well inside `i128`, and far beyond every integer format.
const TWO_POW_126: f64 = 85_070_591_730_234_615_865_843_651_857_942_052_864.0;

/// `Number` holds finite floats only, so there is always an order.
fn compare_floats(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}

/// Compares an integer with a float that has a fraction or is beyond 2^126.
fn compare_mixed(integer: i128, float: f64) -> Ordering {
    if float.abs() >= TWO_POW_126 {
        return compare_floats(0.0, float);
    }
    #[allow(clippy::cast_possible_truncation, reason = "floored and in range")]
    let floor = float.floor() as i128;
    // The float lies strictly above its floor.
    if integer <= floor {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

/// The magnitude of a number as `digits * 10^exponent`, without trailing zeros in `digits`; the
/// sign does not matter for divisibility.
struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    fn of(number: &Number) -> Decimal {
        match Exact::of(number) {
            Exact::Integer(integer) => match u64::try_from(integer.unsigned_abs()) {
                Ok(digits) => Decimal {
                    digits,
                    exponent: 0,
                }
                .normalized(),
                #[allow(clippy::cast_precision_loss, reason = "it was a float to begin with")]
                Err(_) => Decimal::of_float(integer as f64),
            },
            Exact::Float(float) => Decimal::of_float(float),
        }
    }

    /// Reads the shortest decimal text that stands for the float: at most 17 digits.
    fn of_float(float: f64) -> Decimal {
        let text = format!("{:e}", float.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).unwrap_or(0);
        Decimal {
            digits: format!("{whole}{fraction}").parse().unwrap_or(0),
            exponent: exponent.parse::<i32>().unwrap_or(0) - places,
        }
        .normalized()
    }

    fn normalized(mut self) -> Decimal {
        while self.digits != 0 && self.digits.is_multiple_of(10) {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }
}

/// `10^exponent mod modulus`, for a modulus below 2^64.
fn power_of_ten(mut exponent: u32, modulus: u128) -> u128 {
    let mut result = 1 % modulus;
    let mut base = 10 % modulus;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn integers() {
        for yes in [
            "0",
            "-0.0",
            "1.0",
            "1e300",
            "-5",
            "18446744073709551615",
            "1.5e1",
        ] {
            assert!(is_integer(&number(yes)), "{yes}");
        }
        for no in ["0.5", "-1.000001", "1e-300"] {
            assert!(!is_integer(&number(no)), "{no}");
        }
    }

    #[test]
    fn widths() {
        let fits =
            |format: &str, text: &str| in_range(&number(text), &integer_width(format).unwrap());
        assert!(fits("int8", "-128") && !fits("int8", "128"));
        assert!(fits("int64", "-9223372036854775808") && !fits("int64", "9223372036854775808"));
        assert!(fits("uint64", "18446744073709551615") && !fits("uint64", "-1"));
        assert!(fits("uint64", "1e19") && !fits("uint64", "1e20") && !fits("uint64", "1e300"));
        assert!(fits("int32", "7.0") && !fits("int32", "7.5"));
        assert_eq!(integer_width("int128"), None);
    }

    #[test]
    fn order_is_exact() {
        let order = |left: &str, right: &str| compare(&number(left), &number(right));
        assert_eq!(order("1", "1.0"), Ordering::Equal);
        assert_eq!(order("0", "-0.0"), Ordering::Equal);
        assert_eq!(
            order("9007199254740993", "9007199254740992.0"),
            Ordering::Greater
        );
        assert_eq!(
            order("18446744073709551615", "18446744073709551616.0"),
            Ordering::Less
        );
        assert_eq!(order("1", "1.5"), Ordering::Less);
        assert_eq!(order("-1", "-1.5"), Ordering::Greater);
        assert_eq!(order("1e300", "18446744073709551615"), Ordering::Greater);
        assert_eq!(order("-1e300", "-9223372036854775808"), Ordering::Less);
        assert_eq!(order("0.1", "0.2"), Ordering::Less);
    }

    #[test]
    fn multiples_are_decimal() {
        let multiple = |value: &str, of: &str| is_multiple_of(&number(value), &number(of));
        assert!(multiple("0.0075", "0.0001") && !multiple("0.00751", "0.0001"));
        assert!(multiple("4.5", "1.5") && !multiple("35", "1.5"));
        assert!(multiple("-10", "5") && multiple("0", "7") && !multiple("7", "0"));
        assert!(multiple("1e308", "0.5") && multiple("1e308", "1e-300"));
        assert!(multiple("12391239123", "1e-8") && !multiple("1", "1e300"));
        assert!(multiple("18446744073709551615", "5"));
        assert!(multiple("1e30", "4") && !multiple("1e30", "3"));
        assert!(multiple("0.3", "0.1") && multiple("1.1", "0.1"));
    }

    proptest! {
        #[test]
        fn comparing_agrees_with_integers(a: i64, b: i64) {
            prop_assert_eq!(compare(&a.into(), &b.into()), a.cmp(&b));
        }

        #[test]
        fn comparing_is_antisymmetric(a: i64, b in -1e19_f64..1e19) {
            let (a, b) = (Number::from(a), Number::from_f64(b).unwrap());
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        }

        #[test]
        fn multiples_agree_with_integers(a: i64, b in 1_u32..100_000) {
            let expected = a.unsigned_abs().is_multiple_of(u64::from(b));
            prop_assert_eq!(is_multiple_of(&a.into(), &b.into()), expected);
        }

        #[test]
        fn a_product_of_cents_is_a_multiple(count in 0_i64..10_000_000) {
            let price = number(&format!("{}.{:02}", count / 100, count % 100));
            prop_assert!(is_multiple_of(&price, &number("0.01")));
        }

        #[test]
        fn every_float_is_answered(a: f64, b: f64) {
            if let (Some(a), Some(b)) = (Number::from_f64(a), Number::from_f64(b)) {
                let _ = (is_multiple_of(&a, &b), is_integer(&a), compare(&a, &b));
            }
        }
    }
}
