//! Doc comments of generated items.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;
use soniq_schema::source::{FileId, Location, Sources};

use super::Input;

impl Input<'_> {
    /// The doc comment of an item: what the contract says of it, or else `fallback`, and where the
    /// contract says it.
    pub(super) fn docs(
        self,
        description: Option<&str>,
        fallback: &str,
        location: &Location,
    ) -> TokenStream {
        let place = format!(
            "Contract: `{}`",
            self.lines.place(&self.contracts.sources, location)
        );
        let text = doc(description.unwrap_or(fallback));
        let place = doc(&place);
        quote!(#text #[doc = ""] #place)
    }
}

/// Where the lines of each file start: a file is searched once, however many items name a line.
pub(crate) struct Lines(BTreeMap<FileId, Vec<usize>>);

impl Lines {
    pub(crate) fn new(sources: &Sources) -> Self {
        let starts = |text: &str| text.match_indices('\n').map(|(end, _)| end + 1).collect();
        Lines(
            sources
                .iter()
                .map(|(id, file)| (id, starts(&file.text)))
                .collect(),
        )
    }

    /// `billing.toml:12`: without the folder, which is not the same for everyone who generates.
    pub(crate) fn place(&self, sources: &Sources, location: &Location) -> String {
        let file = sources.get(location.file).file_name();
        format!("{file}:{}", self.line(location))
    }

    /// The line of a location's start, from 1.
    fn line(&self, location: &Location) -> usize {
        let starts = self.0.get(&location.file).map_or(&[][..], Vec::as_slice);
        starts.partition_point(|start| *start <= location.range.start) + 1
    }
}

/// A doc comment. Prose of a contract must stay prose: an indented or fenced block in it would
/// else be compiled as a documentation test.
pub(super) fn doc(text: &str) -> TokenStream {
    let mut in_fence = false;
    let mut lines = Vec::new();
    for line in text.trim().lines() {
        let line = line.trim_end();
        let trimmed = line.trim_start();
        let shown = if trimmed.starts_with("```") {
            in_fence = !in_fence;
            let fence = if in_fence { "```text" } else { "```" };
            fence.to_owned()
        } else if in_fence {
            line.to_owned()
        } else {
            trimmed.to_owned()
        };
        lines.push(if shown.is_empty() {
            shown
        } else {
            format!(" {shown}")
        });
    }
    if in_fence {
        lines.push(" ```".to_owned());
    }
    quote!(#(#[doc = #lines])*)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::doc;

    fn rendered(text: &str) -> String {
        let tokens = doc(text);
        let file = syn::parse2(quote::quote!(#tokens struct X;)).unwrap();
        prettyplease::unparse(&file)
    }

    #[test]
    fn prose_stays_prose() {
        assert_eq!(
            rendered("Runs it.\n\n    let x = 1;\n```rust\nlet y\n"),
            "/// Runs it.\n///\n/// let x = 1;\n/// ```text\n/// let y\n/// ```\nstruct X;\n"
        );
    }
}
