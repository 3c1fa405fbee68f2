//! One file as a TOML tree.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::MAX_DEPTH;
use super::item::Item;
use super::table::Table;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Location, Sources};

/// A parsed file.
pub(super) struct TomlFile<'s> {
    pub(super) id: FileId,
    root: Spanned<DeValue<'s>>,
    /// Lines, from 1, on which the syntax is broken.
    pub(super) broken_lines: Vec<usize>,
    /// What is wrong with the syntax.
    pub(super) problems: Vec<Diagnostic>,
}

impl<'s> TomlFile<'s> {
    pub(super) fn parse(sources: &'s Sources, id: FileId) -> Self {
        let text = sources.get(id).text.as_str();
        let mut file = TomlFile {
            id,
            root: Spanned::new(0..0, DeValue::Table(DeTable::new())),
            broken_lines: Vec::new(),
            problems: Vec::new(),
        };
        if let Some(range) = long_key(text) {
            let location = Location { file: id, range };
            let message = format!("the key has more than {MAX_KEY_PARTS} parts");
            let problem = Diagnostic::new(codes::TOO_DEEP, message, &location);
            file.problems.push(problem);
            file.broken_lines.push(1);
            return file;
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        let untold = errors.len().saturating_sub(MAX_SYNTAX_ERRORS);
        for error in errors.into_iter().take(MAX_SYNTAX_ERRORS) {
            let location = place(id, text, error.span());
            let (line, _) = sources.line_column(&location);
            if file.broken_lines.contains(&line) {
                // The parser stumbles on over the rest of the line.
                continue;
            }
            file.broken_lines.push(line);
            let diagnostic = Diagnostic::new(codes::SYNTAX, error.message(), &location);
            file.problems.push(match error.message() {
                "duplicate key" => diagnostic.help("give each key and each table once"),
                _ => diagnostic,
            });
        }
        if untold > 0 {
            let message = format!("{untold} more errors of syntax are in this file");
            let end = place(id, text, Some(text.len()..text.len()));
            file.problems
                .push(Diagnostic::new(codes::SYNTAX, message, &end));
            // What the parser made out of the rest says nothing.
            return file;
        }
        let span = table.span();
        file.root = Spanned::new(span, DeValue::Table(table.into_inner()));
        file
    }

    /// The file's top table.
    pub(super) fn table(&self) -> Option<Table<'_>> {
        Item::toml(self.id, &self.root).table()
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

/// How many errors of syntax are told. A file with more of them was hardly meant as TOML.
const MAX_SYNTAX_ERRORS: usize = 100;

/// How many parts a dotted key may have.
const MAX_KEY_PARTS: usize = MAX_DEPTH / 4;

/// The first dotted key with too many parts. Each part is a table inside the one before, and the
/// parser bounds only the nesting of brackets: the tree must not grow deeper than a stack can walk.
fn long_key(text: &str) -> Option<Range<usize>> {
    // A key ends with its line. Hardly any line has so many dots, and only then the text is taken
    // apart for this.
    let dots = |line: &str| line.bytes().filter(|byte| *byte == b'.').count();
    if text.lines().all(|line| dots(line) < MAX_KEY_PARTS) {
        return None;
    }
    let mut dots = 0;
    let mut start = 0;
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            // Parts of a key, and what may stand between them.
            TokenKind::Atom
            | TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::Whitespace => {}
            _ => {
                dots = 0;
                start = token.span().end();
            }
        }
        if dots >= MAX_KEY_PARTS {
            return Some(start..token.span().end());
        }
    }
    None
}
