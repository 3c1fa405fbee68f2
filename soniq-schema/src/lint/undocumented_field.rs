//! A property without a description.

use super::site::Site;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let name = site.property()?;
    let mut schema = site.schema;
    loop {
        let keywords = &schema.node().keywords;
        // A tag says in its one value what it means.
        if keywords.description.is_some() || keywords.constant.is_some() {
            return None;
        }
        // What a type says of itself goes for its fields.
        match keywords.reference.filter(|_| keywords.is_only_reference()) {
            Some(target) => schema = schema.at(target),
            None => break,
        }
    }
    let message = format!("the field `{name}` has no `description`");
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::UNDOCUMENTED_FIELD, message, at))
}
