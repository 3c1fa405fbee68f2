//! An object that refuses fields which it does not declare.

use super::site::Site;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    // A branch may be closed to tell it from the others.
    if site.is_branch {
        return None;
    }
    let keywords = &site.schema.node().keywords;
    let rest = [
        keywords.additional_properties,
        keywords.unevaluated_properties,
    ];
    let mut rest = rest.into_iter().flatten().map(|id| site.schema.at(id));
    let closing = rest.find(|schema| schema.boolean == Some(false))?;
    let message = "the object is closed: consumers deployed before a new field refuse its rows";
    let lint = Diagnostic::new(codes::CLOSED_OBJECT, message, &closing.key);
    Some(lint.label("every later field is a breaking change"))
}
