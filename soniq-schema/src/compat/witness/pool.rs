//! Numbers, texts, lengths and names that two schemas speak of: where they differ, it is there.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Number, Value};

use crate::compat::proof::beside;
use crate::compat::text::{Found, Wanted, find};
use crate::compat::writer::{Set, Writer};
use crate::json_schema::{Keywords, SchemaRef};

/// The longest text that is made.
const MAX_LENGTH: u64 = 70_000;

/// How many schemas are gone through.
const MAX_SCHEMAS: usize = 2_000;

/// What is worth trying.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) values: Vec<Value>,
    pub(super) texts: BTreeSet<String>,
    /// Of texts, arrays and objects.
    pub(super) lengths: BTreeSet<u64>,
    pub(super) names: BTreeSet<String>,
}

impl Pool {
    pub(super) fn of(writer: &Writer<'_>, written: &Set, read: SchemaRef<'_>) -> Self {
        let mut pool = Pool::default();
        for id in &written.all {
            pool.gather(writer.schema(*id));
        }
        pool.gather(read);
        pool.names.insert("a".to_owned());
        pool
    }

    fn gather(&mut self, root: SchemaRef<'_>) {
        let mut seen = HashSet::new();
        let mut waiting = vec![root];
        while let Some(schema) = waiting.pop() {
            if seen.len() > MAX_SCHEMAS || !seen.insert(schema.id) {
                continue;
            }
            let keywords = &schema.node().keywords;
            self.keywords(keywords);
            waiting.extend(keywords.children().map(|id| schema.at(id)));
        }
    }

    fn keywords(&mut self, keywords: &Keywords) {
        let listed = keywords
            .enumeration
            .iter()
            .flatten()
            .chain(&keywords.constant);
        for value in listed.chain(&keywords.default) {
            match value {
                Value::String(text) => {
                    self.texts.insert(text.clone());
                }
                other => self.add(other.clone()),
            }
        }
        let bounds = [
            &keywords.minimum,
            &keywords.maximum,
            &keywords.exclusive_minimum,
            &keywords.exclusive_maximum,
            &keywords.multiple_of,
        ];
        for bound in bounds.into_iter().flatten() {
            for value in beside(bound) {
                self.add(value);
            }
        }
        if let Some(width) = keywords
            .format
            .as_deref()
            .and_then(soniq_rules::integer_width)
        {
            for end in [
                width.start() - 1,
                *width.start(),
                *width.end(),
                width.end() + 1,
            ] {
                let signed = i64::try_from(end).ok().map(Number::from);
                let number = signed.or_else(|| u64::try_from(end).ok().map(Number::from));
                if let Some(number) = number {
                    self.add(Value::Number(number));
                }
            }
        }
        let lengths = [
            keywords.min_length,
            keywords.max_length,
            keywords.min_items,
            keywords.max_items,
            keywords.min_contains,
            keywords.max_contains,
            keywords.min_properties,
            keywords.max_properties,
            (!keywords.prefix_items.is_empty()).then_some(keywords.prefix_items.len() as u64),
        ];
        for length in lengths
            .into_iter()
            .flatten()
            .filter(|length| *length < MAX_LENGTH)
        {
            self.lengths
                .extend([length.saturating_sub(1), length, length + 1]);
        }
        for pattern in keywords
            .pattern
            .iter()
            .chain(keywords.pattern_properties.iter().map(|one| &one.pattern))
        {
            let wanted = Wanted {
                matching: vec![pattern.regex.as_str()],
                ..Wanted::default()
            };
            if let Found::Text(text) = find(&wanted) {
                self.names.insert(text.clone());
                self.texts.insert(text);
            }
        }
        let dependent = keywords.dependent_required.iter();
        let dependent = dependent.flat_map(|(name, needed)| needed.iter().chain([name]));
        let schemas = keywords.dependent_schemas.iter().map(|(name, _)| name);
        let properties = keywords.properties.iter().map(|(name, _)| name);
        let names = properties
            .chain(&keywords.required)
            .chain(dependent)
            .chain(schemas);
        self.names.extend(names.cloned());
    }

    fn add(&mut self, value: Value) {
        if !self.values.contains(&value) && self.values.len() < 400 {
            self.values.push(value);
        }
    }
}
