//! A pattern that asks for something somewhere in a text, where the whole text may be meant.

use regex_syntax::hir::{HirKind, Look};

use super::site::Site;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let pattern = site.schema.node().keywords.pattern.as_ref()?;
    let hir = regex_syntax::parse(pattern.regex.as_str()).ok()?;
    let properties = hir.properties();
    // One anchor is enough to show that they were thought of.
    let is_anchored = properties.look_set_prefix().contains(Look::Start)
        || properties.look_set_suffix().contains(Look::End);
    // `\S`, or `@`: that such a character is somewhere is all that can be meant.
    let is_character = matches!(hir.kind(), HirKind::Class(_) | HirKind::Literal(_));
    if is_anchored || is_character {
        return None;
    }
    let message = format!(
        "the pattern {:?} may match anywhere in the text",
        pattern.source
    );
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::UNANCHORED_PATTERN, message, at))
}
