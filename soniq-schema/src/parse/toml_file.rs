//! One file as a TOML tree.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::MAX_DEPTH;
use super::context::Context;
use super::table::{Item, Table};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Location};

/// A parsed file; what could not be parsed was reported.
pub(super) struct TomlFile<'s> {
    pub(super) id: FileId,
    root: Spanned<DeValue<'s>>,
    /// Lines, from 1, on which the syntax is broken.
    pub(super) broken_lines: Vec<usize>,
}

impl<'s> TomlFile<'s> {
    pub(super) fn parse(context: &mut Context<'s>, id: FileId) -> Self {
        let text = context.sources.get(id).text.as_str();
        let mut file = TomlFile {
            id,
            root: Spanned::new(0..0, DeValue::Table(DeTable::new())),
            broken_lines: Vec::new(),
        };
        if let Some(range) = long_key(text) {
            let location = Location { file: id, range };
            let message = format!("the key has more than {MAX_KEY_PARTS} parts");
            context.report(Diagnostic::new(codes::TOO_DEEP, message, &location));
            context.broken_files.push(id);
            file.broken_lines.push(1);
            return file;
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let location = place(id, text, error.span());
            let (line, _) = context.sources.line_column(&location);
            if file.broken_lines.contains(&line) {
                // The parser stumbles on over the rest of the line.
                continue;
            }
            file.broken_lines.push(line);
            context.report(Diagnostic::new(codes::SYNTAX, error.message(), &location));
        }
        if !file.broken_lines.is_empty() {
            context.broken_files.push(id);
        }
        let span = table.span();
        file.root = Spanned::new(span, DeValue::Table(table.into_inner()));
        file
    }

    /// The file's top table.
    pub(super) fn table(&self) -> Option<Table<'_>> {
        let item = Item {
            file: self.id,
            value: &self.root,
        };
        item.table()
    }
}

/// The error's place, moved to character boundaries: the parser may point between the bytes of one.
fn place(file: FileId, text: &str, span: Option<Range<usize>>) -> Location {
    let span = span.unwrap_or(0..0);
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Location {
        file,
        range: start..end,
    }
}

/// How many parts a dotted key may have.
const MAX_KEY_PARTS: usize = MAX_DEPTH / 4;

/// The first dotted key with too many parts. Each part is a table inside the one before, and the
/// parser bounds only the nesting of brackets: the tree must not grow deeper than a stack can walk.
///
/// Looks at runs of `part.part`, wherever they stand, since a key cannot be told from prose without
/// parsing. Prose does not have that many words joined by dots.
fn long_key(text: &str) -> Option<Range<usize>> {
    let mut parts = 0;
    let mut start = 0;
    let mut after_dot = false;
    let mut in_part = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'.' if in_part => {
                after_dot = true;
                in_part = false;
            }
            b' ' | b'\t' => {}
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'"' | b'\'' => {
                if !in_part {
                    parts = if after_dot { parts + 1 } else { 1 };
                    if parts == 1 {
                        start = index;
                    }
                    if parts > MAX_KEY_PARTS {
                        return Some(start..index);
                    }
                }
                after_dot = false;
                in_part = true;
            }
            _ => {
                after_dot = false;
                in_part = false;
            }
        }
    }
    None
}
