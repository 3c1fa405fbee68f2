//! Values: one spelling for each, on one line where it fits.

use toml_edit::{Array, InlineTable, Key, RawString, Repr, Value};

use super::entry::{Entry, entries};
use super::list::{Element, INDENT, List, broken_up};
use super::order::Level;

/// How many columns a line may have before an array is broken up.
const WIDTH: usize = 100;

/// The text that is laid out; spans of the document point into it.
#[derive(Clone, Copy)]
pub(super) struct Source<'s>(pub(super) &'s str);

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Columns before the line that it begins on.
    pub(super) indent: usize,
    /// Columns before it.
    pub(super) column: usize,
    /// Whether it may be broken up to keep within the width. What stands in an inline table may not:
    /// that is one line by TOML 1.0.
    pub(super) breaks: bool,
}

impl Place {
    fn flat(self) -> Place {
        Place {
            breaks: false,
            ..self
        }
    }

    /// On a line of its own in a list.
    fn inside(self) -> Place {
        let indent = self.indent + INDENT;
        Place {
            indent,
            column: indent,
            ..self
        }
    }
}

impl<'s> Source<'s> {
    pub(super) fn raw(self, raw: Option<&'s RawString>) -> &'s str {
        let Some(raw) = raw else { return "" };
        match raw.span() {
            Some(span) => self.0.get(span).unwrap_or_default(),
            None => raw.as_str().unwrap_or_default(),
        }
    }

    pub(super) fn key(self, key: &'s Key) -> String {
        let name = key.get();
        let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !name.is_empty() && name.bytes().all(is_bare) {
            return name.to_owned();
        }
        let raw = self.repr(key.as_repr());
        quoted(raw, name)
    }

    fn repr(self, repr: Option<&'s Repr>) -> &'s str {
        self.raw(repr.map(Repr::as_raw))
    }

    pub(super) fn value(self, value: &'s Value, level: Level, place: Place) -> String {
        match value {
            Value::String(text) => quoted(self.repr(text.as_repr()), text.value()),
            Value::Integer(value) => self.repr(value.as_repr()).to_owned(),
            Value::Float(value) => self.repr(value.as_repr()).to_owned(),
            Value::Boolean(value) => self.repr(value.as_repr()).to_owned(),
            Value::Datetime(value) => self.repr(value.as_repr()).to_owned(),
            Value::Array(array) => self.array(array, place),
            Value::InlineTable(table) => self.inline_table(table, level, place),
        }
    }

    fn array(self, array: &'s Array, place: Place) -> String {
        if !self.array_has_comments(array) {
            let (elements, _) = self.elements(array, place.flat());
            let texts: Vec<_> = elements.iter().map(|one| one.text.as_str()).collect();
            let text = format!("[{}]", texts.join(", "));
            let fits = place.column + text.chars().count() <= WIDTH && !text.contains('\n');
            if fits || !place.breaks || elements.is_empty() {
                return text;
            }
        }
        let (elements, rest) = self.elements(array, place.inside());
        broken_up(['[', ']'], &elements, &rest, place.indent)
    }

    fn array_has_comments(self, array: &'s Array) -> bool {
        let mut values = array.iter().map(Value::decor);
        self.is_comment(Some(array.trailing()))
            || values
                .any(|decor| self.is_comment(decor.prefix()) || self.is_comment(decor.suffix()))
    }

    fn is_comment(self, raw: Option<&'s RawString>) -> bool {
        self.raw(raw).contains('#')
    }

    /// The elements, and the comments behind the last one.
    fn elements(self, array: &'s Array, place: Place) -> (Vec<Element>, Vec<String>) {
        let mut list = List::default();
        for value in array {
            let text = self.value(value, Level::AsWritten, place);
            let decor = value.decor();
            list.push(self.raw(decor.prefix()), text, self.raw(decor.suffix()));
        }
        list.finish(self.raw(Some(array.trailing())))
    }

    fn inline_table(self, table: &'s InlineTable, level: Level, place: Place) -> String {
        let has_comments = self.is_comment(Some(table.trailing()))
            || entries(table, level).iter().any(|entry| {
                self.is_comment(entry.key().leaf_decor().prefix())
                    || self.is_comment(entry.value.decor().suffix())
            });
        if has_comments {
            let (elements, rest) = self.members(table, level, place.inside().flat());
            return broken_up(['{', '}'], &elements, &rest, place.indent);
        }
        let (elements, _) = self.members(table, level, place.flat());
        let texts: Vec<_> = elements.iter().map(|one| one.text.as_str()).collect();
        match texts.as_slice() {
            [] => "{}".to_owned(),
            texts => format!("{{ {} }}", texts.join(", ")),
        }
    }

    /// The members in canonical order, and the comments behind the last one.
    fn members(
        self,
        table: &'s InlineTable,
        level: Level,
        place: Place,
    ) -> (Vec<Element>, Vec<String>) {
        let mut list = List::default();
        let mut entries = entries(table, level);
        // Comments hang on their neighbours in the file.
        entries.sort_by_key(Entry::position);
        for entry in &entries {
            let text = self.value(entry.value, entry.level, place);
            let text = format!("{} = {text}", self.path(&entry.path));
            let behind = self.raw(entry.value.decor().suffix());
            list.push(self.raw(entry.key().leaf_decor().prefix()), text, behind);
        }
        let (mut elements, rest) = list.finish(self.raw(Some(table.trailing())));
        let mut ranked: Vec<_> = entries
            .iter()
            .map(|one| one.rank.clone())
            .zip(elements.drain(..))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| a.cmp(b));
        (
            ranked.into_iter().map(|(_, element)| element).collect(),
            rest,
        )
    }

    /// A dotted key.
    pub(super) fn path(self, path: &[&'s Key]) -> String {
        let keys: Vec<_> = path.iter().map(|key| self.key(key)).collect();
        keys.join(".")
    }
}

/// A string in double quotes, where that takes no escape.
fn quoted(raw: &str, value: &str) -> String {
    let is_literal = raw.starts_with('\'') && !raw.starts_with("'''");
    let needs_escape = |c: char| c == '"' || c == '\\' || c.is_control();
    if is_literal && !value.contains(needs_escape) {
        format!("\"{value}\"")
    } else {
        raw.to_owned()
    }
}
