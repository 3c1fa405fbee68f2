//! A property without a description.

use super::site::Site;
use super::union::applied;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let name = site.property()?;
    // What a type says of itself goes for its fields, and a tag says in its one value what it means.
    let is_documented = applied(site.schema).into_iter().any(|schema| {
        let keywords = &schema.node().keywords;
        keywords.description.is_some() || keywords.constant.is_some()
    });
    if is_documented {
        return None;
    }
    let message = format!("the field `{name}` has no `description`");
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::UNDOCUMENTED_FIELD, message, at))
}
