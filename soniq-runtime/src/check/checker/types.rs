//! `type`, `enum` and `const`.

use serde_json::{Map, Number, Value};

use super::Checker;
use crate::check::JsonLiteral;

impl Checker {
    fn wrong_type(&mut self, value: &Value, expected: &str) {
        self.violation(
            "type",
            format!("is {}, expected {expected}", soniq_rules::kind(value)),
        );
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
