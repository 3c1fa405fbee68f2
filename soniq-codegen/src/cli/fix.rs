//! What `lint --fix` writes.
//!
//! A fix spells out what was left unsaid, where saying it takes nothing back and refuses no value that
//! was taken before: that a cron schedule without a time zone is in UTC, and that an enum takes values
//! which are added later. It never undoes what somebody wrote, and never chooses for them: a number of
//! attempts, a description or another format of a time is not for a machine to find.

use std::ops::Range;

use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::{Code, codes};
use toml_edit::{Document, InlineTable, Table, TableLike, Value};

/// A key that mends a lint where it is added.
struct Addition {
    code: &'static Code,
    key: &'static str,
    value: fn() -> Value,
    /// A key that has to be there already.
    beside: &'static str,
}

const ADDITIONS: &[Addition] = &[
    Addition {
        code: codes::CLOSED_ENUM,
        key: "x-open",
        value: || true.into(),
        // Without it an open enum would be of any type.
        beside: "type",
    },
    Addition {
        code: codes::MISSING_TIMEZONE,
        key: "timezone",
        value: || "UTC".into(),
        beside: "cron",
    },
];

/// A file's new text.
pub(super) struct Fixed<'l> {
    pub(super) text: String,
    /// What was mended, each with what was added.
    pub(super) done: Vec<(&'l Diagnostic, String)>,
}

/// Mends what can be mended of `lints`, which are about the file with this text.
pub(super) fn fix<'l>(text: &str, lints: impl Iterator<Item = &'l Diagnostic>) -> Fixed<'l> {
    let mut done = Vec::new();
    let Ok(document) = Document::parse(text) else {
        let text = text.to_owned();
        return Fixed { text, done };
    };
    let mut found = Vec::new();
    for lint in lints {
        let addition = ADDITIONS.iter().find(|addition| addition.code == lint.code);
        let place = lint.location.as_ref().map(|location| &location.range);
        let path = place.and_then(|place| path_in_table(document.as_table(), place));
        found.extend(
            addition
                .zip(path)
                .map(|(addition, path)| (lint, addition, path)),
        );
    }
    let mut document = document.into_mut();
    for (lint, addition, path) in found {
        let target = Target::Table(document.as_table_mut()).at(&path);
        if let Some(target) = target
            && target.add(addition)
        {
            let what = format!("{} = {}", addition.key, (addition.value)());
            done.push((lint, what));
        }
    }
    Fixed {
        text: document.to_string(),
        done,
    }
}

/// A step from a table to one in it.
enum Step {
    Key(String),
    Index(usize),
}

/// The way to what stands at `place`: the range of its key, or of the value itself in a list.
fn path_in_table(table: &dyn TableLike, place: &Range<usize>) -> Option<Vec<Step>> {
    table.iter().find_map(|(name, item)| {
        let span = table.key(name).and_then(toml_edit::Key::span);
        let inside = if span.as_ref() == Some(place) {
            Some(Vec::new())
        } else if let Some(table) = item.as_table_like() {
            path_in_table(table, place)
        } else if let Some(tables) = item.as_array_of_tables() {
            path_in_list(
                tables.iter().map(|one| (one as &dyn TableLike, one.span())),
                place,
            )
        } else {
            let values = item.as_array()?.iter().filter_map(Value::as_inline_table);
            path_in_list(values.map(|one| (one as &dyn TableLike, one.span())), place)
        };
        let mut path = vec![Step::Key(name.to_owned())];
        path.extend(inside?);
        Some(path)
    })
}

fn path_in_list<'t>(
    tables: impl Iterator<Item = (&'t dyn TableLike, Option<Range<usize>>)>,
    place: &Range<usize>,
) -> Option<Vec<Step>> {
    tables.enumerate().find_map(|(index, (table, span))| {
        let inside = if span.as_ref() == Some(place) {
            Vec::new()
        } else {
            path_in_table(table, place)?
        };
        let mut path = vec![Step::Index(index)];
        path.extend(inside);
        Some(path)
    })
}

/// A table in either spelling.
enum Target<'d> {
    Table(&'d mut Table),
    Inline(&'d mut InlineTable),
}

impl<'d> Target<'d> {
    fn at(self, path: &[Step]) -> Option<Target<'d>> {
        let [Step::Key(key), rest @ ..] = path else {
            return path.is_empty().then_some(self);
        };
        let value = match self {
            Target::Table(table) => match table.get_mut(key)? {
                toml_edit::Item::Table(table) => return Target::Table(table).at(rest),
                toml_edit::Item::ArrayOfTables(tables) => {
                    let [Step::Index(index), rest @ ..] = rest else {
                        return None;
                    };
                    return Target::Table(tables.get_mut(*index)?).at(rest);
                }
                item => item.as_value_mut()?,
            },
            Target::Inline(table) => table.get_mut(key)?,
        };
        match (value, rest) {
            (Value::InlineTable(table), rest) => Target::Inline(table).at(rest),
            (Value::Array(array), [Step::Index(index), rest @ ..]) => {
                Target::Inline(array.get_mut(*index)?.as_inline_table_mut()?).at(rest)
            }
            _ => None,
        }
    }

    /// Adds the key at the end, if it is to be added.
    fn add(self, addition: &Addition) -> bool {
        let (key, value) = (addition.key, (addition.value)());
        match self {
            Target::Table(table) => {
                let fits = table.contains_key(addition.beside) && !table.contains_key(key);
                if fits {
                    table.insert(key, value.into());
                }
                fits
            }
            Target::Inline(table) => {
                let fits = table.contains_key(addition.beside) && !table.contains_key(key);
                if fits {
                    close_up(table);
                    table.insert(key, value);
                }
                fits
            }
        }
    }
}

/// Removes the space behind the last value, where a comma comes to stand.
fn close_up(table: &mut InlineTable) {
    let Some((_, last)) = table.iter_mut().last() else {
        return;
    };
    match last {
        Value::InlineTable(inner) if inner.is_dotted() => close_up(inner),
        last => {
            let suffix = last.decor().suffix().and_then(toml_edit::RawString::as_str);
            if suffix.is_some_and(|suffix| suffix.trim().is_empty()) {
                last.decor_mut().set_suffix("");
            }
        }
    }
}
