//! The keywords that look at a value as a whole: its type, its text, its number.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Dialect, Walk};
use crate::json_schema::keywords::{Keywords, Types};

impl Walk {
    /// The `format`, if this dialect has values checked by it.
    fn asserted<'k>(&self, keywords: &'k Keywords) -> Option<&'k str> {
        let format = keywords.format.as_deref();
        format.filter(|_| self.dialect == Dialect::Contract)
    }

    pub(super) fn any(&mut self, keywords: &Keywords, value: &Value) {
        if let Some(admitted) = &keywords.enumeration {
            let open = keywords.open && value.is_string();
            if !open && !admitted.iter().any(|one| soniq_rules::equal(one, value)) {
                self.report("enum", format!("is {value}, not one of {}", list(admitted)));
            }
        }
        if let Some(constant) = &keywords.constant
            && !soniq_rules::equal(constant, value)
        {
            self.report("const", format!("is {value}, but must be {constant}"));
        }
    }

    pub(super) fn string(&mut self, keywords: &Keywords, text: &str) {
        if let Some(format) = self.asserted(keywords)
            && !soniq_rules::format_matches(format, text)
        {
            self.report("format", format!("is not a valid {format}"));
        }
        let length = soniq_rules::length(text);
        if let Some(min) = keywords.min_length
            && length < min
        {
            let message = format!(
                "is {} long, at least {min} are needed",
                counted(length, ("character", "characters"))
            );
            self.report("minLength", message);
        }
        if let Some(max) = keywords.max_length
            && length > max
        {
            let message = format!(
                "is {} long, at most {max} are allowed",
                counted(length, ("character", "characters"))
            );
            self.report("maxLength", message);
        }
        if let Some(pattern) = &keywords.pattern
            && !pattern.regex.is_match(text)
        {
            let message = format!("does not match the pattern {}", pattern.source);
            self.report("pattern", message);
        }
    }

    pub(super) fn number(&mut self, keywords: &Keywords, number: &Number) {
        if let Some(format) = self.asserted(keywords) {
            let fits = match soniq_rules::integer_width(format) {
                Some(range) => soniq_rules::in_range(number, &range),
                None => soniq_rules::float_fits(format, number).unwrap_or(true),
            };
            if !fits {
                self.report(
                    "format",
                    format!("is {number}, outside the range of {format}"),
                );
            }
        }
        let mut bound = |rule, bound: &Option<Number>, broken: fn(Ordering) -> bool, words| {
            if let Some(bound) = bound
                && broken(soniq_rules::compare(number, bound))
            {
                self.report(rule, format!("is {number}, but must be {words} {bound}"));
            }
        };
        bound("minimum", &keywords.minimum, Ordering::is_lt, "at least");
        bound("maximum", &keywords.maximum, Ordering::is_gt, "at most");
        bound(
            "exclusiveMinimum",
            &keywords.exclusive_minimum,
            Ordering::is_le,
            "more than",
        );
        bound(
            "exclusiveMaximum",
            &keywords.exclusive_maximum,
            Ordering::is_ge,
            "less than",
        );
        if let Some(divisor) = &keywords.multiple_of
            && !soniq_rules::is_multiple_of(number, divisor)
        {
            self.report(
                "multipleOf",
                format!("is {number}, not a multiple of {divisor}"),
            );
        }
    }
}

/// Why a value is not of a schema's `type`, if it is not.
pub(super) fn check_type(
    dialect: Dialect,
    keywords: &Keywords,
    value: &Value,
) -> Result<(), String> {
    let Some(types) = keywords.types else {
        return Ok(());
    };
    if !has_type(types, value) {
        let expected: Vec<_> = types.names().collect();
        return Err(format!(
            "is {}, expected {}",
            soniq_rules::kind(value),
            expected.join(" or ")
        ));
    }
    if let Value::Number(number) = value
        && dialect == Dialect::Contract
        && !types.number
        && !is_integer_width(keywords)
        && !soniq_rules::in_range(number, &(i64::MIN.into()..=i64::MAX.into()))
    {
        return Err(format!(
            "is {number}, outside the range of a 64-bit integer"
        ));
    }
    Ok(())
}

fn has_type(types: Types, value: &Value) -> bool {
    match value {
        Value::Null => types.null,
        Value::Bool(_) => types.boolean,
        Value::Number(number) => types.number || types.integer && soniq_rules::is_integer(number),
        Value::String(_) => types.string,
        Value::Array(_) => types.array,
        Value::Object(_) => types.object,
    }
}

fn is_integer_width(keywords: &Keywords) -> bool {
    let format = keywords.format.as_deref();
    format.is_some_and(|format| soniq_rules::integer_width(format).is_some())
}

/// A count with the word for what is counted, in singular or plural.
pub(super) fn counted(count: u64, (one, many): (&str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn list(values: &[Value]) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
