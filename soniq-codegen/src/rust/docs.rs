//! Doc comments of generated items.

use soniq_schema::source::Location;

use super::Input;
use super::literal::changes_direction;

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
            self.contracts.sources.place(location)
        ));
        format!("{text}///\n{place}")
    }
}

/// A doc comment. Prose of a contract must stay prose: an indented or fenced block in it would
/// else be compiled as a documentation test.
pub(super) fn doc(text: &str) -> String {
    let mut in_fence = false;
    let mut out = String::with_capacity(text.len() + 16);
    let mut push = |line: &str| {
        out.push_str(if line.is_empty() { "///" } else { "/// " });
        // Neither may stand in a comment.
        let refused = |c: char| c == '\r' || changes_direction(c);
        line.split(refused).for_each(|piece| out.push_str(piece));
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
        assert_eq!(doc("a\u{202e}b\u{2069}"), "/// ab\n");
    }
}
