//! Checks of JSON values against contracts: what generated code calls, and what it reports.
//!
//! A value is checked as JSON, before it is decoded and after it is encoded, so the answer is that
//! of the contract's JSON Schema and not that of a decoder: every broken rule, each with a pointer
//! to its place. Generated code walks the value in the order that `soniq_schema::evaluate` defines
//! and calls one method of [`Checker`] per keyword.

mod checker;
mod constants;
mod decode;
mod encode;
mod open;

pub use checker::{Branch, Checker};
pub use constants::{JsonLiteral, TextPattern};
pub use decode::{decode, present};
pub(crate) use encode::{check_storable, encode};
pub use open::{UnknownValue, unknown_value};

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
            "the value"
        } else {
            &self.pointer
        };
        write!(f, "{pointer} {} ({})", self.message, self.rule)
    }
}

/// A type that a contract describes: values are checked as JSON before they are decoded.
pub trait Checked: DeserializeOwned + Send + 'static {
    /// Reports every rule that `value` breaks.
    fn check(value: &Value, checker: &mut Checker);
}

/// The result of a task whose contract has no `result`.
impl Checked for () {
    fn check(value: &Value, checker: &mut Checker) {
        checker.null(value);
    }
}
