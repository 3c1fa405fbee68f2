//! Keys with their values, in canonical order.

use toml_edit::{Item, Key, TableLike, Value};

use super::order::Level;

/// A key of one or more parts, and its value.
pub(super) struct Entry<'s> {
    pub(super) path: Vec<&'s Key>,
    pub(super) value: &'s Value,
    /// The level of the value.
    pub(super) level: Level,
    /// What it is sorted by: for each part its rank, then its place in the file.
    pub(super) rank: Vec<(usize, usize)>,
}

impl<'s> Entry<'s> {
    pub(super) fn key(&self) -> &'s Key {
        self.path.last().expect("a key has a part")
    }

    /// Its place in the file.
    pub(super) fn position(&self) -> usize {
        position(self.key())
    }
}

/// Where a key stands first.
pub(super) fn position(key: &Key) -> usize {
    key.span().map_or(0, |span| span.start)
}

/// The values of a table, those of dotted keys among them, in canonical order.
pub(super) fn entries(table: &dyn TableLike, level: Level) -> Vec<Entry<'_>> {
    let mut all = Vec::new();
    add_entries(table, level, &[], &[], &mut all);
    all.sort_by(|a, b| a.rank.cmp(&b.rank));
    all
}

fn add_entries<'s>(
    table: &'s dyn TableLike,
    level: Level,
    path: &[&'s Key],
    rank: &[(usize, usize)],
    all: &mut Vec<Entry<'s>>,
) {
    for (name, item) in table.iter() {
        let key = table.key(name).expect("an entry has a key");
        let path = [path, &[key]].concat();
        let rank = [rank, &[(level.rank(name), position(key))]].concat();
        let level = level.below(name);
        let dotted = item.as_table_like().filter(|table| table.is_dotted());
        match (dotted, item) {
            (Some(table), _) => add_entries(table, level, &path, &rank, all),
            (None, Item::Value(value)) => all.push(Entry {
                path,
                value,
                level,
                rank,
            }),
            (None, _) => {}
        }
    }
}
