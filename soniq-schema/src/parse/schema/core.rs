//! Keywords that say what a schema is called, and which one a text names.

use super::reader::Reader;
use super::reference::Reference;
use crate::diagnostic::{Diagnostic, codes};
use crate::parse::table::Entry;

/// The one dialect; the fragment is empty where there is one.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Reader<'_, '_> {
    /// Has the `$ref` resolved once every contract was read.
    pub(super) fn reference(&mut self, entry: &Entry<'_>) {
        if let Some(text) = entry.string(self.context) {
            self.context.references.push_back(Reference {
                schema: self.id,
                from: self.place.clone(),
                text: text.value.to_owned(),
                location: text.location,
            });
        } else {
            self.context.untyped.push(self.id);
        }
    }

    pub(super) fn dialect(&mut self, entry: &Entry<'_>) {
        let Some(uri) = entry.string(self.context) else {
            return;
        };
        if uri.value.strip_suffix('#').unwrap_or(uri.value) != DIALECT {
            let message = format!("{:?} is not the dialect of this schema", uri.value);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_DIALECT, message, &uri.location);
            self.context.report(diagnostic);
        }
    }

    /// `$id` of a root names what `#` names anyway. Further inside it would give references another
    /// base.
    pub(super) fn identity(&mut self, entry: &Entry<'_>) {
        let Some(uri) = entry.string(self.context) else {
            return;
        };
        let at = &uri.location;
        let plain = uri.value.strip_suffix('#').unwrap_or(uri.value);
        if plain.contains('#') {
            let message = format!("the `$id` {:?} has a fragment", uri.value);
            let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, at);
            let help = "name a place inside of a schema by `$anchor`";
            return self.context.report(diagnostic.help(help));
        }
        if !self.place.pointer.is_empty() {
            let message = "`$id` inside of a schema is not supported by this release";
            let diagnostic = Diagnostic::new(codes::UNSUPPORTED_KEYWORD, message, at);
            let help = "remove it, or give the schema a file of its own";
            return self.context.report(diagnostic.help(help));
        }
        self.context.places.set_id(&self.place, plain);
    }

    pub(super) fn anchor(&mut self, entry: &Entry<'_>) {
        let Some(name) = entry.string(self.context) else {
            return;
        };
        if !is_anchor(name.value) {
            let message = format!("{:?} is not a name for an anchor", name.value);
            let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
            let help = "write a letter or `_`, then letters, digits, `-`, `_` and `.`";
            return self.context.report(diagnostic.help(help));
        }
        let places = &mut self.context.places;
        if let Some(first) = places.add_anchor(&self.place, name.value, self.id, &name.location) {
            let message = format!("the anchor {:?} is given twice", name.value);
            let diagnostic = Diagnostic::new(codes::DUPLICATE_ANCHOR, message, &name.location);
            let diagnostic = diagnostic.label("given again");
            self.context
                .report(diagnostic.secondary(&first, "given first"));
        }
        self.keywords.anchor = Some(name.value.to_owned());
    }
}

/// The pattern of the core specification, section 8.2.2.
fn is_anchor(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}
