//! Evaluation: which rules of a schema a value breaks.
//!
//! The answer is what a *reader* of the contract accepts, and generated checks must give the same
//! one: the same pointers and rules in the same order. So the walk is fixed. For one schema and
//! one value:
//!
//! 1. A boolean schema: `true` admits everything; `false` breaks the rule `false`. Nothing else.
//! 2. `type`. `1.0` is an integer. Where `integer` is listed, `number` is not, and `format` is no
//!    integer width, an integer outside of `i64` breaks `type` as well, for nothing could hold it.
//!    When `type` is broken, nothing else of this schema is looked at, `$ref` included.
//! 3. `enum`, unless `x-open` stands beside it and the value is a string; then `const`.
//! 4. Of a string: `format` (of `soniq_rules::format_is_known`), `minLength`, `maxLength`, `pattern`.
//! 5. Of a number: `format` (an integer width, `float` or `double`), `minimum`, `maximum`,
//!    `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`.
//! 6. Of an array: each element in turn, by its `prefixItems` schema or else by `items`; where
//!    `items` is `false` the element breaks `items` (not `false`). Then `minItems`, `maxItems`,
//!    `uniqueItems`.
//! 7. Of an object: `required` in the order of its list, each at the *object's* pointer, satisfied
//!    also by a property whose schema has a `default` ([`SchemaRef::default_value`]); then
//!    `properties` in the order of the file, those that are present; then `additionalProperties`,
//!    the remaining keys sorted by their UTF-8 bytes, where `false` is reported at the key's pointer
//!    as `additionalProperties` (not `false`); then `minProperties`, `maxProperties`.
//! 8. `$ref`, at the same pointer.
//!
//! Rule names are the keywords as JSON Schema spells them. Defaults are not filled in before
//! counting properties, and values in `default` are not looked at.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Number, Value};

use super::keywords::{Keywords, Types};
use super::model::{SchemaId, SchemaRef};

/// One broken rule of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) of the value that breaks the rule; empty for the whole value.
    pub pointer: String,
    /// The schema keyword that is broken, `maxLength`.
    pub rule: &'static str,
    /// What is wrong, in words: `is 400 characters long, at most 320 are allowed`.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.pointer.as_str() {
            "" => "the value",
            pointer => pointer,
        };
        write!(f, "{part} {} ({})", self.message, self.rule)
    }
}

/// Every rule of `schema` that `value` breaks, in the order of the module's description. Empty
/// means that the value fits.
///
/// The schema comes from a load without errors; see [`load`](crate::load).
pub fn evaluate(schema: SchemaRef<'_>, value: &Value) -> Vec<Violation> {
    let mut walk = Walk::default();
    walk.schema(schema, value);
    walk.violations
}

/// The state of one evaluation: where it is and what it found.
#[derive(Default)]
struct Walk {
    pointer: String,
    violations: Vec<Violation>,
}

impl Walk {
    fn report(&mut self, rule: &'static str, message: String) {
        self.violations.push(Violation {
            pointer: self.pointer.clone(),
            rule,
            message,
        });
    }

    /// Runs `visit` one step deeper, with the step escaped as RFC 6901 asks.
    fn within(&mut self, step: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&step.replace('~', "~0").replace('/', "~1"));
        visit(self);
        self.pointer.truncate(length);
    }

    fn schema(&mut self, schema: SchemaRef<'_>, value: &Value) {
        let node = schema.node();
        if let Some(admitted) = node.boolean {
            if !admitted {
                self.report("false", "is not allowed here".to_owned());
            }
            return;
        }
        let keywords = &node.keywords;
        if let Err(message) = check_type(keywords, value) {
            return self.report("type", message);
        }
        self.any(keywords, value);
        match value {
            Value::String(text) => self.string(keywords, text),
            Value::Number(number) => self.number(keywords, number),
            Value::Array(items) => self.array(schema, items),
            Value::Object(map) => self.object(schema, map),
            Value::Null | Value::Bool(_) => {}
        }
        if let Some(target) = keywords.reference {
            self.schema(schema.at(target), value);
        }
    }

    fn any(&mut self, keywords: &Keywords, value: &Value) {
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

    fn string(&mut self, keywords: &Keywords, text: &str) {
        if let Some(format) = &keywords.format
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

    fn number(&mut self, keywords: &Keywords, number: &Number) {
        if let Some(format) = &keywords.format {
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

    fn array(&mut self, schema: SchemaRef<'_>, items: &[Value]) {
        let keywords = &schema.node().keywords;
        for (index, item) in items.iter().enumerate() {
            let (element, rule) = match keywords.prefix_items.get(index) {
                Some(id) => (Some(*id), "false"),
                None => (keywords.items, "items"),
            };
            if let Some(id) = element {
                self.within(&index.to_string(), |walk| {
                    walk.member(schema, id, item, rule);
                });
            }
        }
        self.count(
            items.len(),
            ("minItems", keywords.min_items),
            ("maxItems", keywords.max_items),
            ("item", "items"),
        );
        if keywords.unique_items && soniq_rules::has_duplicates(items) {
            self.report("uniqueItems", "has two equal items".to_owned());
        }
    }

    fn object(&mut self, schema: SchemaRef<'_>, map: &Map<String, Value>) {
        let keywords = &schema.node().keywords;
        let declared = |name: &str| keywords.properties.iter().find(|(key, _)| key == name);
        for name in &keywords.required {
            let has_default =
                || declared(name).is_some_and(|(_, id)| schema.at(*id).default_value().is_some());
            if !map.contains_key(name) && !has_default() {
                self.report("required", format!("lacks the property {name:?}"));
            }
        }
        for (name, id) in &keywords.properties {
            if let Some(value) = map.get(name) {
                self.within(name, |walk| walk.schema(schema.at(*id), value));
            }
        }
        if let Some(id) = keywords.additional_properties {
            let mut rest: Vec<_> = map
                .iter()
                .filter(|(key, _)| declared(key).is_none())
                .collect();
            rest.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in rest {
                self.within(key, |walk| {
                    walk.member(schema, id, value, "additionalProperties");
                });
            }
        }
        self.count(
            map.len(),
            ("minProperties", keywords.min_properties),
            ("maxProperties", keywords.max_properties),
            ("property", "properties"),
        );
    }

    /// A value that a general keyword governs: the boolean schema `false` there closes the array or
    /// object, which is said by the keyword's own name.
    fn member(&mut self, of: SchemaRef<'_>, id: SchemaId, value: &Value, rule: &'static str) {
        let schema = of.at(id);
        match (schema.node().boolean, rule) {
            (Some(false), "items") => self.report(rule, "is one item too many".to_owned()),
            (Some(false), "additionalProperties") => {
                self.report(rule, "is not a property of this object".to_owned());
            }
            _ => self.schema(schema, value),
        }
    }

    fn count(
        &mut self,
        count: usize,
        (min_rule, min): (&'static str, Option<u64>),
        (max_rule, max): (&'static str, Option<u64>),
        what: (&str, &str),
    ) {
        let count = count as u64;
        if let Some(min) = min
            && count < min
        {
            self.report(
                min_rule,
                format!("has {}, at least {min} are needed", counted(count, what)),
            );
        }
        if let Some(max) = max
            && count > max
        {
            self.report(
                max_rule,
                format!("has {}, at most {max} are allowed", counted(count, what)),
            );
        }
    }
}

fn check_type(keywords: &Keywords, value: &Value) -> Result<(), String> {
    let Some(types) = keywords.types else {
        return Ok(());
    };
    if !has_type(types, value) {
        let expected: Vec<_> = types.names().collect();
        return Err(format!(
            "is {}, expected {}",
            kind(value),
            expected.join(" or ")
        ));
    }
    if let Value::Number(number) = value
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

/// A count with the word for what is counted, in singular or plural.
fn counted(count: u64, (one, many): (&str, &str)) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn list(values: &[Value]) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
