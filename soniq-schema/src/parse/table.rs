//! Tables with their places: what every reader is written in.
//!
//! A getter that meets a value of another type reports it and returns `None`, so that a reader says
//! once what it wants and goes on.

use std::ops::RangeInclusive;

use toml::de::DeTable;

use super::context::Context;
use super::item::Item;
use super::json_text::JsonMember;
use super::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Location};

/// A key with its value.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) key_location: Location,
    pub(super) item: Item<'a>,
}

/// A table, its entries in the order of the file.
pub(super) struct Table<'a> {
    pub(super) location: Location,
    pub(super) entries: Vec<Entry<'a>>,
}

/// A value of a checked type and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) location: Location,
}

impl<'a> Entry<'a> {
    fn at<T>(&self, value: T) -> At<T> {
        At {
            value,
            location: self.item.location(),
        }
    }

    fn expect<T>(&self, context: &mut Context<'_>, value: Option<T>, what: &str) -> Option<At<T>> {
        if value.is_none() {
            self.item.wrong_type(context, self.key, what);
        }
        Some(self.at(value?))
    }

    pub(super) fn string(&self, context: &mut Context<'_>) -> Option<At<&'a str>> {
        self.expect(context, self.item.str(), "a string")
    }

    pub(super) fn boolean(&self, context: &mut Context<'_>) -> Option<At<bool>> {
        self.expect(context, self.item.boolean(), "a boolean")
    }

    pub(super) fn table(&self, context: &mut Context<'_>) -> Option<Table<'a>> {
        let table = self.expect(context, self.item.table(), "a table")?;
        Some(table.value)
    }

    pub(super) fn array(&self, context: &mut Context<'_>) -> Option<Vec<Item<'a>>> {
        let items = self.expect(context, self.item.array(), "an array")?;
        Some(items.value)
    }

    /// An integer within `range`.
    pub(super) fn integer(
        &self,
        context: &mut Context<'_>,
        range: RangeInclusive<i64>,
    ) -> Option<At<i64>> {
        if !self.item.is_integer() {
            self.item.wrong_type(context, self.key, "an integer");
            return None;
        }
        let integer = self.item.integer();
        if let Some(integer) = integer.filter(|integer| range.contains(integer)) {
            return Some(self.at(integer));
        }
        let (low, high) = range.into_inner();
        let bounds = match high {
            i64::MAX => format!("at least {low}"),
            _ => format!("from {low} to {high}"),
        };
        let message = format!("`{}` must be {bounds}", self.key);
        let location = self.item.location();
        context.report(Diagnostic::new(codes::OUT_OF_RANGE, message, &location));
        None
    }

    /// An array of strings; elements of other types are reported and left out.
    pub(super) fn strings(&self, context: &mut Context<'_>) -> Vec<At<&'a str>> {
        let items = self.array(context).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| {
                let entry = Entry {
                    item,
                    ..self.clone()
                };
                entry.string(context)
            })
            .collect()
    }
}

impl<'a> Table<'a> {
    pub(super) fn toml(file: FileId, location: Location, table: &'a DeTable<'a>) -> Self {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                key_location: Location {
                    file,
                    range: key.span(),
                },
                item: Item::toml(file, value),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_location.range.start);
        Table { location, entries }
    }

    pub(super) fn json(file: FileId, location: Location, members: &'a [JsonMember]) -> Self {
        let entries = members.iter().map(|member| Entry {
            key: &member.key,
            key_location: Location {
                file,
                range: member.key_range.clone(),
            },
            item: Item::json(file, &member.node),
        });
        Table {
            location,
            entries: entries.collect(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry, or a report at `place` that `of` lacks it.
    pub(super) fn require(
        &self,
        context: &mut Context<'_>,
        key: &str,
        of: &str,
        place: &Location,
    ) -> Option<&Entry<'a>> {
        let entry = self.get(key);
        if entry.is_none() {
            let message = format!("{of} has no `{key}`");
            context.report(
                Diagnostic::new(codes::MISSING_KEY, message, place)
                    .label(format!("`{key}` is missing"))
                    .help(format!("add the key `{key}`")),
            );
        }
        entry
    }

    /// Reports keys that are not in `known`, each with the nearest one that is.
    pub(super) fn check_keys(&self, context: &mut Context<'_>, known: &[&str], of: &str) {
        for entry in &self.entries {
            if known.contains(&entry.key) {
                continue;
            }
            let message = format!("unknown key `{}` in {of}", entry.key);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_KEY, message, &entry.key_location)
                .label("not known");
            context.report(match nearest(entry.key, known) {
                Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
                None => diagnostic.help(format!("known keys: {}", known.join(", "))),
            });
        }
    }

    pub(super) fn string(&self, context: &mut Context<'_>, key: &str) -> Option<At<&'a str>> {
        self.get(key)?.string(context)
    }

    /// A string as the model keeps it.
    pub(super) fn text(&self, context: &mut Context<'_>, key: &str) -> Option<String> {
        Some(self.string(context, key)?.value.to_owned())
    }

    pub(super) fn boolean(&self, context: &mut Context<'_>, key: &str) -> Option<bool> {
        Some(self.get(key)?.boolean(context)?.value)
    }
}

/// Reports a word that is not among `known`, with the nearest one that is.
pub(super) fn unknown_choice(
    context: &mut Context<'_>,
    key: &str,
    word: &At<&str>,
    known: &[&str],
) {
    let quoted: Vec<_> = known.iter().map(|name| format!("{name:?}")).collect();
    let help = match nearest(word.value, known) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("write one of {}", quoted.join(", ")),
    };
    let message = format!("`{key}` has no choice {:?}", word.value);
    context.report(Diagnostic::new(codes::UNKNOWN_CHOICE, message, &word.location).help(help));
}
