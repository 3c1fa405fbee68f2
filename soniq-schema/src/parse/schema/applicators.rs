//! Keywords whose values are schemas.

use super::places::escaped;
use super::reader::{Reader, bad_value};
use crate::json_schema::{PatternProperty, SchemaId};
use crate::parse::table::Entry;

impl Reader<'_, '_> {
    /// A list of schemas, which must not be empty.
    pub(super) fn schemas(&mut self, entry: &Entry<'_>) -> Vec<SchemaId> {
        let Some(items) = entry.array(self.context) else {
            return Vec::new();
        };
        if items.is_empty() {
            let diagnostic = bad_value(format!("`{}` lists no schema", entry.key), entry);
            self.context
                .report(diagnostic.help("list at least one schema"));
        }
        (0_usize..)
            .zip(items)
            .map(|(index, item)| {
                let entry = Entry {
                    key_location: item.location(),
                    item,
                    ..entry.clone()
                };
                self.child(&entry, &format!("{}/{index}", entry.key))
            })
            .collect()
    }

    /// Schemas by name, in the order of the file.
    pub(super) fn named_schemas(&mut self, entry: &Entry<'_>) -> Vec<(String, SchemaId)> {
        let Some(table) = entry.table(self.context) else {
            return Vec::new();
        };
        table
            .entries
            .iter()
            .map(|named| {
                let steps = format!("{}/{}", entry.key, escaped(named.key));
                (named.key.to_owned(), self.child(named, &steps))
            })
            .collect()
    }

    pub(super) fn pattern_properties(&mut self, entry: &Entry<'_>) {
        let Some(table) = entry.table(self.context) else {
            return;
        };
        for named in &table.entries {
            let steps = format!("{}/{}", entry.key, escaped(named.key));
            let schema = self.child(named, &steps);
            if let Some(pattern) = self.compiled(named.key, &named.key_location) {
                let property = PatternProperty { pattern, schema };
                self.keywords.pattern_properties.push(property);
            }
        }
    }
}
