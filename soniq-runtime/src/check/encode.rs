//! From generated types to JSON.

use serde::Serialize;
use serde_json::Value;

use super::{Checked, Checker, Violation};

/// Encodes a value and checks it: what is written to the database fits the contract, or is not
/// written at all.
///
/// # Errors
/// All violations, in the order of the value.
pub(crate) fn encode<T: Checked + Serialize>(value: &T) -> Result<Value, Vec<Violation>> {
    let value = serde_json::to_value(value).map_err(|error| {
        vec![Violation {
            pointer: String::new(),
            rule: "type",
            message: error.to_string(),
        }]
    })?;
    let mut checker = Checker::default();
    T::check(&value, &mut checker);
    check_storable(&value, &mut checker);
    let violations = checker.finish();
    if violations.is_empty() {
        Ok(value)
    } else {
        Err(violations)
    }
}

/// Reports what JSON may hold and jsonb may not.
pub(crate) fn check_storable(value: &Value, checker: &mut Checker) {
    if contains_nul(value) {
        checker.violation(
            "nul",
            "holds the character U+0000, which Postgres cannot store",
        );
    }
}

/// Whether a string or key anywhere in `value` holds U+0000.
fn contains_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(members) => members
            .iter()
            .any(|(key, member)| key.contains('\0') || contains_nul(member)),
        _ => false,
    }
}
