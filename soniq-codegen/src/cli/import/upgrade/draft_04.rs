//! Draft-04, and OpenAPI 3.0 after it: an exclusive bound is a flag beside the bound.

use crate::cli::import::convert::Converter;
use crate::cli::import::model::{Json, Keyword, Keywords};
use crate::cli::import::pointer::child;

impl Converter<'_, '_> {
    /// Makes flags bounds of their own.
    pub(in crate::cli::import) fn draft_04_bounds(&mut self, out: &mut Keywords, pointer: &str) {
        for (bound, exclusive) in [
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ] {
            let Some(Json::Boolean(flag)) = out.literal(exclusive) else {
                continue;
            };
            let (flag, at) = (*flag, child(pointer, exclusive));
            out.remove(exclusive);
            match out.literal(bound).cloned() {
                Some(limit) if flag => {
                    out.remove(bound);
                    out.set(exclusive, Keyword::Literal(limit));
                    let message = format!("`{bound}` and the flag `{exclusive}` are one bound");
                    self.report.note(&at, message);
                }
                _ => {
                    let message = format!("left out: this `{exclusive}` says nothing");
                    self.report.note(&at, message);
                }
            }
        }
    }
}
