//! Doc comments of generated items.

use std::collections::BTreeMap;

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
    ) -> String {
        let text = doc(description.unwrap_or(fallback));
        let place = doc(&format!(
            "Contract: `{}`",
            self.lines.place(&self.contracts.sources, location)
        ));
        format!("{text}///\n{place}")
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
pub(super) fn doc(text: &str) -> String {
    let mut in_fence = false;
    let mut out = String::new();
    let mut push = |line: &str| {
        out.push_str(if line.is_empty() { "///" } else { "/// " });
        // A carriage return must not stand in a comment.
        line.split('\r').for_each(|part| out.push_str(part));
        out.push('\n');
    };
    for line in text.trim().lines() {
        let line = line.trim_end();
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            in_fence = !in_fence;
            push(if in_fence { "```text" } else { "```" });
        } else {
            push(if in_fence { line } else { trimmed });
        }
    }
    if in_fence {
        push("```");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::doc;

    #[test]
    fn prose_stays_prose() {
        assert_eq!(
            doc("Runs it.\r\n\n    let x\r = 1;\n```rust\nlet y\n"),
            "/// Runs it.\n///\n/// let x = 1;\n/// ```text\n/// let y\n/// ```\n"
        );
    }
}
