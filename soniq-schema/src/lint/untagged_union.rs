//! A union of objects whose branches are told apart by trying them.

use super::site::Site;
use super::union::{objects, tag};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let keywords = &site.schema.node().keywords;
    let unions = [("anyOf", &keywords.any_of), ("oneOf", &keywords.one_of)];
    let (keyword, _) = unions.into_iter().find(|(_, branches)| {
        let objects = objects(site.schema, branches);
        objects.len() > 1 && tag(&objects).is_none()
    })?;
    let message = format!("no property tells the branches of the `{keyword}` apart");
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::UNTAGGED_UNION, message, at))
}
