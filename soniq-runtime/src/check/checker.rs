//! The walk over one value: where it is and what it found.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::{JsonLiteral, TextPattern, Violation};

/// Collects violations while generated code walks a value.
///
/// One method per keyword of JSON Schema; the rules themselves are in `soniq_rules`, shared with
/// `soniq_schema::evaluate`.
#[derive(Debug, Default)]
pub struct Checker {
    pointer: String,
    /// The pointer's length before each step.
    depths: Vec<usize>,
    violations: Vec<Violation>,
}

/// A number that a contract names as a bound.
pub trait Bound {
    /// The number; `None` for a float that JSON cannot write.
    fn number(self) -> Option<Number>;
}

impl Bound for i64 {
    fn number(self) -> Option<Number> {
        Some(self.into())
    }
}

impl Bound for u64 {
    fn number(self) -> Option<Number> {
        Some(self.into())
    }
}

impl Bound for f64 {
    fn number(self) -> Option<Number> {
        Number::from_f64(self)
    }
}

/// The walk.
impl Checker {
    /// All violations that were found, in the order of the walk.
    pub fn finish(self) -> Vec<Violation> {
        self.violations
    }

    /// Reports a broken rule at the current place.
    pub fn violation(&mut self, rule: &'static str, message: impl Into<String>) {
        self.violations.push(Violation {
            pointer: self.pointer.clone(),
            rule,
            message: message.into(),
        });
    }

    fn step(&mut self, key: &str) {
        self.depths.push(self.pointer.len());
        self.pointer.push('/');
        for c in key.chars() {
            match c {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                c => self.pointer.push(c),
            }
        }
    }

    /// Steps into a property that is there; [`leave`](Self::leave) ends it.
    pub fn enter<'v>(&mut self, object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
        let value = object.get(name)?;
        self.step(name);
        Some(value)
    }

    /// Steps into an element that is there; [`leave`](Self::leave) ends it.
    pub fn enter_item<'v>(&mut self, items: &'v [Value], index: usize) -> Option<&'v Value> {
        let value = items.get(index)?;
        self.step(&index.to_string());
        Some(value)
    }

    /// Back to the value around the current one.
    pub fn leave(&mut self) {
        let depth = self.depths.pop().unwrap_or_default();
        self.pointer.truncate(depth);
    }
}

/// `type`, `enum` and `const`.
impl Checker {
    fn wrong_type(&mut self, value: &Value, expected: &str) {
        self.violation("type", format!("is {}, expected {expected}", kind(value)));
    }

    /// `type = "null"`
    pub fn null(&mut self, value: &Value) -> bool {
        self.types(value, &["null"])
    }

    /// `type = "boolean"`
    pub fn boolean(&mut self, value: &Value) -> bool {
        self.types(value, &["boolean"])
    }

    /// `type = "string"`
    pub fn string<'v>(&mut self, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.wrong_type(value, "string");
        }
        text
    }

    /// `type = "number"`
    pub fn number<'v>(&mut self, value: &'v Value) -> Option<&'v Number> {
        let number = value.as_number();
        if number.is_none() {
            self.wrong_type(value, "number");
        }
        number
    }

    /// `type = "integer"` with no width: an integer of 64 bits.
    pub fn integer<'v>(&mut self, value: &'v Value) -> Option<&'v Number> {
        let number = self.any_integer(value)?;
        if soniq_rules::in_range(number, &(i64::MIN.into()..=i64::MAX.into())) {
            return Some(number);
        }
        let message = format!("is {number}, outside the range of a 64-bit integer");
        self.violation("type", message);
        None
    }

    /// `type = "integer"` beside a `format` that names the width; `1.0` is an integer.
    pub fn any_integer<'v>(&mut self, value: &'v Value) -> Option<&'v Number> {
        let number = value.as_number().filter(|n| soniq_rules::is_integer(n));
        if number.is_none() {
            self.wrong_type(value, "integer");
        }
        number
    }

    /// `type = "array"`
    pub fn array<'v>(&mut self, value: &'v Value) -> Option<&'v [Value]> {
        let items = value.as_array().map(Vec::as_slice);
        if items.is_none() {
            self.wrong_type(value, "array");
        }
        items
    }

    /// `type = "object"`
    pub fn object<'v>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let map = value.as_object();
        if map.is_none() {
            self.wrong_type(value, "object");
        }
        map
    }

    /// `type` as a list of names; an integer is one of 64 bits.
    pub fn types(&mut self, value: &Value, names: &[&str]) -> bool {
        if !self.types_of_any_width(value, names) {
            return false;
        }
        match value {
            Value::Number(number) if !names.contains(&"number") => {
                let fits = soniq_rules::in_range(number, &(i64::MIN.into()..=i64::MAX.into()));
                if !fits {
                    let message = format!("is {number}, outside the range of a 64-bit integer");
                    self.violation("type", message);
                }
                fits
            }
            _ => true,
        }
    }

    /// `type` as a list of names, beside a `format` that names the width of an integer.
    pub fn types_of_any_width(&mut self, value: &Value, names: &[&str]) -> bool {
        let fits = names.iter().any(|name| match *name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.as_number().is_some_and(soniq_rules::is_integer),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => false,
        });
        if !fits {
            self.wrong_type(value, &names.join(" or "));
        }
        fits
    }

    /// `enum` of strings
    pub fn one_of_str(&mut self, value: &Value, listed: &[&str]) {
        if !value.as_str().is_some_and(|text| listed.contains(&text)) {
            let listed: Vec<String> = listed.iter().map(|text| format!("{text:?}")).collect();
            let message = format!("is {value}, not one of {}", listed.join(", "));
            self.violation("enum", message);
        }
    }

    /// `enum`; `listed` is an array.
    pub fn one_of(&mut self, value: &Value, listed: &JsonLiteral) {
        let values = listed.get().as_array().map_or(&[][..], Vec::as_slice);
        if !values.iter().any(|one| soniq_rules::equal(one, value)) {
            let listed: Vec<String> = values.iter().map(ToString::to_string).collect();
            let message = format!("is {value}, not one of {}", listed.join(", "));
            self.violation("enum", message);
        }
    }

    /// `const` that is a string
    pub fn constant_str(&mut self, value: &Value, constant: &str) {
        if value.as_str() != Some(constant) {
            self.violation("const", format!("is {value}, but must be {constant:?}"));
        }
    }

    /// `const`
    pub fn constant(&mut self, value: &Value, constant: &JsonLiteral) {
        if !soniq_rules::equal(constant.get(), value) {
            let message = format!("is {value}, but must be {}", constant.text());
            self.violation("const", message);
        }
    }
}

/// Keywords of strings.
impl Checker {
    /// `format`
    pub fn format(&mut self, text: &str, format: &str) {
        if !soniq_rules::format_matches(format, text) {
            self.violation("format", format!("is not a valid {format}"));
        }
    }

    /// `minLength`, in characters
    pub fn min_length(&mut self, text: &str, min: u64) {
        let length = soniq_rules::length(text);
        if length < min {
            let message = format!("is {length} characters long, at least {min} are needed");
            self.violation("minLength", message);
        }
    }

    /// `maxLength`, in characters
    pub fn max_length(&mut self, text: &str, max: u64) {
        let length = soniq_rules::length(text);
        if length > max {
            let message = format!("is {length} characters long, at most {max} are allowed");
            self.violation("maxLength", message);
        }
    }

    /// `pattern`
    pub fn pattern(&mut self, text: &str, pattern: &TextPattern) {
        if !pattern.is_match(text) {
            let message = format!("does not match the pattern {}", pattern.text());
            self.violation("pattern", message);
        }
    }
}

/// Keywords of numbers.
impl Checker {
    /// `format` of a number: an integer's width, `float` or `double`.
    pub fn number_format(&mut self, number: &Number, format: &str) {
        let fits = match soniq_rules::integer_width(format) {
            Some(range) => soniq_rules::in_range(number, &range),
            None => soniq_rules::float_fits(format, number).unwrap_or(true),
        };
        if !fits {
            let message = format!("is {number}, outside the range of {format}");
            self.violation("format", message);
        }
    }

    fn bound(
        &mut self,
        number: &Number,
        bound: Option<Number>,
        (rule, words): (&'static str, &str),
        broken: fn(Ordering) -> bool,
    ) {
        let Some(bound) = bound else { return };
        if broken(soniq_rules::compare(number, &bound)) {
            self.violation(rule, format!("is {number}, but must be {words} {bound}"));
        }
    }

    /// `minimum`
    pub fn minimum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("minimum", "at least");
        self.bound(number, bound.number(), rule, Ordering::is_lt);
    }

    /// `maximum`
    pub fn maximum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("maximum", "at most");
        self.bound(number, bound.number(), rule, Ordering::is_gt);
    }

    /// `exclusiveMinimum`
    pub fn exclusive_minimum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("exclusiveMinimum", "more than");
        self.bound(number, bound.number(), rule, Ordering::is_le);
    }

    /// `exclusiveMaximum`
    pub fn exclusive_maximum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("exclusiveMaximum", "less than");
        self.bound(number, bound.number(), rule, Ordering::is_ge);
    }

    /// `multipleOf`
    pub fn multiple_of(&mut self, number: &Number, divisor: impl Bound) {
        let Some(divisor) = divisor.number() else {
            return;
        };
        if !soniq_rules::is_multiple_of(number, &divisor) {
            let message = format!("is {number}, not a multiple of {divisor}");
            self.violation("multipleOf", message);
        }
    }
}

/// Keywords of arrays.
impl Checker {
    /// `items = false`: no element from `first` on
    pub fn no_items(&mut self, items: &[Value], first: usize) {
        for index in first..items.len() {
            self.step(&index.to_string());
            self.violation("items", "is one item too many");
            self.leave();
        }
    }

    /// `minItems`
    pub fn min_items(&mut self, items: &[Value], min: u64) {
        self.at_least(items.len(), min, "minItems", "items");
    }

    /// `maxItems`
    pub fn max_items(&mut self, items: &[Value], max: u64) {
        self.at_most(items.len(), max, "maxItems", "items");
    }

    /// `uniqueItems`
    pub fn unique_items(&mut self, items: &[Value]) {
        if soniq_rules::has_duplicates(items) {
            self.violation("uniqueItems", "has two equal items");
        }
    }

    fn at_least(&mut self, count: usize, min: u64, rule: &'static str, what: &str) {
        if (count as u64) < min {
            self.violation(
                rule,
                format!("has {count} {what}, at least {min} are needed"),
            );
        }
    }

    fn at_most(&mut self, count: usize, max: u64, rule: &'static str, what: &str) {
        if count as u64 > max {
            self.violation(
                rule,
                format!("has {count} {what}, at most {max} are allowed"),
            );
        }
    }
}

/// Keywords of objects.
impl Checker {
    /// `required`: the names that have no default
    pub fn required(&mut self, object: &Map<String, Value>, names: &[&str]) {
        for name in names {
            if !object.contains_key(*name) {
                self.violation("required", format!("lacks the property {name:?}"));
            }
        }
    }

    /// `additionalProperties`: the names of the properties that are not `declared`, sorted
    pub fn additional<'v>(
        &self,
        object: &'v Map<String, Value>,
        declared: &[&str],
    ) -> Vec<&'v str> {
        let mut rest: Vec<&str> = object
            .keys()
            .map(String::as_str)
            .filter(|key| !declared.contains(key))
            .collect();
        // The map may keep the order of the text: features of serde_json are the whole build's.
        rest.sort_unstable();
        rest
    }

    /// `additionalProperties = false`
    pub fn no_additional(&mut self, object: &Map<String, Value>, declared: &[&str]) {
        for key in self.additional(object, declared) {
            self.step(key);
            self.violation("additionalProperties", "is not a property of this object");
            self.leave();
        }
    }

    /// `minProperties`
    pub fn min_properties(&mut self, object: &Map<String, Value>, min: u64) {
        self.at_least(object.len(), min, "minProperties", "properties");
    }

    /// `maxProperties`
    pub fn max_properties(&mut self, object: &Map<String, Value>, max: u64) {
        self.at_most(object.len(), max, "maxProperties", "properties");
    }
}

/// A value's type in words.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if soniq_rules::is_integer(number) => "an integer",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use serde_json::json;

    use super::Checker;

    #[test]
    fn pointers_are_escaped_and_unwound() {
        let value = json!({"a/b": {"~": 1}, "c": "x"});
        let mut c = Checker::default();
        let object = c.object(&value).unwrap();
        let inner = c.enter(object, "a/b").unwrap();
        let inner = c.object(inner).unwrap();
        let innermost = c.enter(inner, "~").unwrap();
        assert!(c.string(innermost).is_none());
        c.leave();
        c.leave();
        let text = c.enter(object, "c").unwrap();
        assert!(c.integer(text).is_none());
        c.leave();
        assert!(c.enter(object, "d").is_none());
        c.required(object, &["d"]);
        let found: Vec<_> = c
            .finish()
            .into_iter()
            .map(|violation| violation.to_string())
            .collect();
        assert_eq!(
            found,
            [
                "/a~1b/~0 is an integer, expected string (type)",
                "/c is a string, expected integer (type)",
                r#"the value lacks the property "d" (required)"#,
            ]
        );
    }

    #[test]
    fn integers_without_a_width_are_of_64_bits() {
        let big = json!(u64::MAX);
        let mut c = Checker::default();
        assert!(c.integer(&big).is_none());
        assert!(c.any_integer(&big).is_some());
        assert!(!c.types(&big, &["integer", "null"]));
        assert!(c.types_of_any_width(&big, &["integer", "null"]));
        assert!(c.types(&big, &["number", "integer"]));
        let rules: Vec<_> = c.finish().iter().map(|v| v.rule).collect();
        assert_eq!(rules, ["type", "type"]);
    }
}
