//! Layout: from lines as the other modules write them to the text that people read.
//!
//! Those modules write each logical line whole (a signature, a statement, a field), without
//! indentation. Here a line is indented by the brackets that are open, broken if it is too long, and
//! items are set apart by an empty line. Most lines fit, so the cost is that of a copy; this is why
//! text is written rather than tokens, which would have to be parsed again to be formatted.
//!
//! What comes out is what `prettyplease` would make of it: it judges our text in the tests, which
//! keeps it and `syn` out of every build script.

mod boxes;
mod expression;
mod line;
mod reader;
mod ty;

pub(super) use reader::skip_literal;

use boxes::{Printer, push_indent, room};

/// What a level of indentation is.
const INDENT: usize = 4;

/// Lines as text. A tab in front of a line is a level more than its brackets ask for.
pub(super) fn lay_out(lines: &str) -> String {
    let mut out = String::with_capacity(lines.len() * 3 / 2);
    let mut level: usize = 0;
    let mut ended = false;
    for line in lines.lines() {
        let tabs = line.len() - line.trim_start_matches('\t').len();
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if line.starts_with(['}', ')', ']', '>']) {
            level = level.saturating_sub(1);
        }
        if ended && STARTS.iter().any(|start| line.starts_with(start)) {
            out.push('\n');
        }
        let indent = (level + tabs) * INDENT;
        push_indent(&mut out, indent);
        let comment = line.starts_with("//");
        if comment || line.len() <= room(indent) && !has_body(line) {
            out.push_str(line);
        } else {
            let start = out.len();
            Printer::new(&mut out, indent).print(&line::boxes(line), indent, 0);
            if !reader::says_the_same(line, &out[start..]) {
                // A line that was taken for something else stays whole: ugly, and right.
                out.truncate(start);
                out.push_str(line);
            }
        }
        out.push('\n');
        ended = !comment && line.ends_with(['}', ';']);
        if !comment && line.ends_with(['{', '(', '[', '<']) {
            level += 1;
        }
    }
    out
}

/// Whether something stands in braces, or might.
fn has_body(line: &str) -> bool {
    let mut braces = line.match_indices('{');
    braces.any(|(at, _)| line[at + 1..].starts_with(' '))
}

/// How a line starts that an item starts with; no statement of generated code starts so.
const STARTS: [&str; 8] = [
    "///",
    "#[",
    "pub ",
    "pub(",
    "impl",
    "fn ",
    "static SPEC",
    "::soniq_runtime::__string_enum",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_something_else_stays_whole() {
        // A field with a value where only types are expected.
        let value = format!("text: Some(\"{{x}} {}\").unwrap(),", "y".repeat(100));
        assert_eq!(lay_out(&value), format!("{value}\n"));
    }

    #[test]
    fn literals_are_never_touched() {
        assert!(reader::says_the_same("f(\"a, b\")", "f(\n    \"a, b\",\n)"));
        assert!(!reader::says_the_same("f(\"a, b\")", "f(\"a,b\")"));
        assert!(!reader::says_the_same("f(r#\"a \"#)", "f(r#\"a\"#)"));
        assert!(!reader::says_the_same("f(a)", "f(a, b)"));
    }
}
