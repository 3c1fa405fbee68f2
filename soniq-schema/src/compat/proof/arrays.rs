//! Arrays.

use super::{Into, Proof};
use crate::compat::writer::{Atom, Set};
use crate::json_schema::{Keywords, SchemaId, SchemaRef};

/// The most items that are looked at one by one.
const MAX_PREFIX: usize = 256;

impl<'a> Proof<'_, 'a> {
    pub(super) fn array(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let items = self.writer.items(atom);
        let mut proven = self.items(atom, schema);
        if let Some(min) = keywords.min_items
            && items.min < min
        {
            proven &= self.fail(atom, schema.id, "minItems", None, Vec::new());
        }
        if let Some(max) = keywords.max_items
            && items.max.is_none_or(|most| most > max)
        {
            proven &= self.fail(atom, schema.id, "maxItems", None, Vec::new());
        }
        if keywords.unique_items && items.max.is_none_or(|most| most > 1) {
            // Two items that differ may become one where the reader fills in.
            let is_kept = items.is_unique && !(self.fills && self.fills_below(keywords, schema));
            if !is_kept {
                proven &= self.fail(atom, schema.id, "uniqueItems", None, Vec::new());
            }
        }
        if let Some(wanted) = keywords.contains {
            proven &= self.contains(atom, schema, wanted);
        }
        if let Some(rest) = keywords.unevaluated_items {
            proven &= self.unevaluated_items(atom, schema, rest);
        }
        proven
    }

    fn items(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let prefix = &keywords.prefix_items;
        if prefix.is_empty() && keywords.items.is_none() {
            return true;
        }
        let items = self.writer.items(atom);
        let first = items.prefix.max(prefix.len()).min(MAX_PREFIX);
        let mut proven = true;
        // One more stands for all that follow.
        for index in 0..=first {
            let Some(read) = prefix.get(index).copied().or(keywords.items) else {
                break;
            };
            if items.max.is_some_and(|most| most <= index as u64) {
                break;
            }
            proven &= self.item(atom, index, read, "items");
        }
        proven && items.prefix.max(prefix.len()) <= MAX_PREFIX
    }

    fn item(&mut self, atom: &Atom, index: usize, read: SchemaId, keyword: &'static str) -> bool {
        let set = self.writer.item(atom, index);
        if self.is_nothing(&set) {
            return true;
        }
        let closes = self.reader.schema(read).resolved();
        if closes.boolean == Some(false) {
            let kind = if keyword == "items" {
                "maxItems"
            } else {
                keyword
            };
            return self.fail(atom, closes.id, kind, None, Vec::new());
        }
        self.within(atom, Into::Item(index), |proof| proof.place(&set, read))
    }

    /// Whether the set has no values for a reason that shows.
    pub(super) fn is_nothing(&mut self, set: &Set) -> bool {
        self.writer.atoms(set).is_empty()
    }

    fn contains(&mut self, atom: &Atom, schema: SchemaRef<'a>, wanted: SchemaId) -> bool {
        let keywords = &schema.node().keywords;
        let min = keywords.min_contains.unwrap_or(1);
        let items = self.writer.items(atom);
        let mut enough = min == 0;
        let mut few = keywords
            .max_contains
            .is_none_or(|max| items.max.is_some_and(|most| most <= max));
        for id in atom.nodes.clone() {
            let written = self.writer.keywords(id);
            let Some(contains) = written.contains else {
                continue;
            };
            if self.is_same(contains, wanted) {
                enough |= written.min_contains.unwrap_or(1) >= min;
                few |= within(written.max_contains, keywords.max_contains);
            } else if !enough && written.min_contains.unwrap_or(1) >= min {
                // What is contained is contained still if it is among what is wanted.
                let set = self
                    .writer
                    .set([contains], crate::compat::writer::Typing::Json);
                enough |= self.silently(|proof| proof.place(&set, wanted));
            }
        }
        if !enough && items.min >= min {
            enough = self.silently(|proof| {
                let all = 0..=items.prefix.min(MAX_PREFIX);
                items.prefix <= MAX_PREFIX
                    && all.into_iter().all(|index| {
                        let set = proof.writer.item(atom, index);
                        proof.is_nothing(&set) || proof.place(&set, wanted)
                    })
            });
        }
        let mut proven = true;
        if !enough {
            let keyword = if keywords.min_contains.is_some() {
                "minContains"
            } else {
                "contains"
            };
            proven &= self.fail(atom, schema.id, keyword, None, Vec::new());
        }
        if !few {
            proven &= self.fail(atom, schema.id, "maxContains", None, Vec::new());
        }
        proven
    }

    fn unevaluated_items(&mut self, atom: &Atom, schema: SchemaRef<'a>, rest: SchemaId) -> bool {
        let mut looked_at = 0;
        for part in merged(schema) {
            let keywords = &part.node().keywords;
            if keywords.items.is_some() {
                return true;
            }
            looked_at = looked_at.max(keywords.prefix_items.len());
        }
        let items = self.writer.items(atom);
        if items.prefix > MAX_PREFIX {
            return self.fail(atom, schema.id, "unevaluatedItems", None, Vec::new());
        }
        let mut proven = true;
        for index in looked_at..=items.prefix.max(looked_at) {
            if items.max.is_none_or(|most| most > index as u64) {
                proven &= self.item(atom, index, rest, "unevaluatedItems");
            }
        }
        proven
    }

    /// Whether the reader fills anything in inside of the items.
    fn fills_below(&self, keywords: &Keywords, schema: SchemaRef<'a>) -> bool {
        let mut waiting: Vec<_> = keywords.children().map(|id| schema.at(id)).collect();
        let mut seen = std::collections::HashSet::new();
        while let Some(schema) = waiting.pop() {
            if seen.insert(schema.id) {
                let keywords = &schema.node().keywords;
                if keywords.default.is_some() {
                    return true;
                }
                waiting.extend(keywords.children().map(|id| schema.at(id)));
            }
        }
        false
    }
}

fn within(written: Option<u64>, read: Option<u64>) -> bool {
    read.is_none_or(|read| written.is_some_and(|written| written <= read))
}

/// The schema and all that hold with it: `$ref` and `allOf`, however deep.
pub(super) fn merged(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
    let mut all = Vec::new();
    let mut waiting = vec![schema.resolved()];
    while let Some(schema) = waiting.pop() {
        if all
            .iter()
            .any(|known: &SchemaRef<'_>| known.id == schema.id)
        {
            continue;
        }
        all.push(schema);
        let keywords = &schema.node().keywords;
        let next = keywords.reference.iter().chain(&keywords.all_of);
        waiting.extend(next.map(|id| schema.at(*id).resolved()));
    }
    all
}
