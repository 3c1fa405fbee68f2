//! An enum of strings that does not say whether values may be added to it.

use serde_json::Value;

use super::site::Site;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let keywords = &site.schema.node().keywords;
    let values = keywords.enumeration.as_deref()?;
    let strings = values.iter().filter(|value| value.is_string()).count();
    let are_texts = values
        .iter()
        .all(|value| matches!(value, Value::String(_) | Value::Null));
    // To open what something else relies on is no small change. A single value is a constant.
    if site.is_relied_on || keywords.open || keywords.closed || strings < 2 || !are_texts {
        return None;
    }
    let message = "the enum is closed: consumers deployed before a new value refuse its rows";
    let lint = Diagnostic::new(codes::CLOSED_ENUM, message, &site.schema.key);
    Some(lint.label("every later value is a breaking change"))
}
