//! Checks of JSON values against contracts: what generated code calls, and what it reports.

use serde::de::DeserializeOwned;
use serde_json::Value;

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

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "args"
        } else {
            &self.pointer
        };
        write!(f, "{pointer} {} ({})", self.message, self.rule)
    }
}

/// Collects violations while generated code walks a value.
#[derive(Debug, Default)]
pub struct Checker {
    pointer: String,
    violations: Vec<Violation>,
}

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
}

/// A type that a contract describes: values are checked as JSON before they are decoded.
pub trait Checked: DeserializeOwned + Send + 'static {
    /// Reports every rule that `value` breaks.
    fn check(value: &Value, checker: &mut Checker);
}

impl Checked for () {
    fn check(value: &Value, checker: &mut Checker) {
        if !value.is_null() {
            checker.violation("type", "is not null");
        }
    }
}

/// Checks a JSON value and decodes it.
///
/// # Errors
/// All violations, in the order of the value.
pub fn decode<T: Checked>(value: Value) -> Result<T, Vec<Violation>> {
    let mut checker = Checker::default();
    T::check(&value, &mut checker);
    let violations = checker.finish();
    if !violations.is_empty() {
        return Err(violations);
    }
    serde_json::from_value(value).map_err(|error| {
        vec![Violation {
            pointer: String::new(),
            rule: "type",
            message: error.to_string(),
        }]
    })
}
