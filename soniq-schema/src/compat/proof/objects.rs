//! Objects.

use serde_json::Value;

use super::arrays::merged;
use super::{Into, Proof};
use crate::compat::writer::{Atom, Kind, Member, Part, Set};
use crate::json_schema::{Keywords, SchemaId, SchemaRef};

impl<'a> Proof<'_, 'a> {
    pub(super) fn object(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let mut proven = self.names_are_clear(atom, schema);
        for name in &keywords.required {
            if !self.is_there(atom, schema, name) {
                let hints = Vec::new();
                proven &= self.fail(atom, schema.id, "required", Some(name), hints);
            }
        }
        for (name, id) in &keywords.properties {
            let part = self.writer.part(atom, name);
            proven &= self.property(atom, name, &part, *id, "properties");
        }
        if !keywords.pattern_properties.is_empty() || keywords.additional_properties.is_some() {
            proven &= self.undeclared(atom, schema);
        }
        proven &= self.count(atom, schema);
        if let Some(names) = keywords.property_names {
            proven &= self.property_names(atom, schema, names);
        }
        proven &= self.dependent(atom, schema);
        if let Some(rest) = keywords.unevaluated_properties {
            proven &= self.unevaluated_properties(atom, schema, rest);
        }
        proven
    }

    /// A property and its older name together are refused.
    fn names_are_clear(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let mut proven = true;
        for (old, new) in &atom.renamed {
            let others = atom
                .renamed
                .iter()
                .filter(|(other, of)| of == new && other != old);
            let mut taken = others.map(|(other, _)| other).chain([new]);
            if self.writer.written(atom, old).may
                && taken.any(|other| self.writer.written(atom, other).may)
            {
                let hints = Vec::new();
                proven &= self.fail(atom, schema.id, "x-aliases", Some(old), hints);
            }
        }
        proven
    }

    /// Whether the reader finds the property, or does without.
    fn is_there(&self, atom: &Atom, schema: SchemaRef<'a>, name: &str) -> bool {
        let mut properties = schema.node().keywords.properties.iter();
        let declared = properties.find(|(key, _)| key == name);
        let has_default = declared.is_some_and(|(_, id)| schema.at(*id).default_value().is_some());
        has_default || self.writer.part(atom, name).always
    }

    fn property(
        &mut self,
        atom: &Atom,
        name: &str,
        part: &Part,
        read: SchemaId,
        keyword: &'static str,
    ) -> bool {
        if !part.may {
            return true;
        }
        let mut proven = true;
        for member in &part.from {
            proven &= self.member(atom, Into::Property(name.to_owned()), member, read, keyword);
        }
        proven
    }

    fn member(
        &mut self,
        atom: &Atom,
        into: Into,
        member: &Member,
        read: SchemaId,
        keyword: &'static str,
    ) -> bool {
        let schema = self.reader.schema(read).resolved();
        match member {
            Member::Set(set) => {
                if self.is_nothing(set) {
                    return true;
                }
                if schema.boolean == Some(false) {
                    let name = match &into {
                        Into::Property(name) => Some(name.clone()),
                        Into::Other | Into::Item(_) | Into::Name => None,
                    };
                    return self.fail(atom, schema.id, keyword, name.as_deref(), Vec::new());
                }
                self.within(atom, into, |proof| proof.place(set, read))
            }
            Member::Value(value) => {
                let takes = self.reader.takes(schema.id, value);
                takes
                    || self.within(atom, into, |proof| {
                        let single = Atom {
                            kind: Kind::of(value),
                            values: Some(vec![value.clone()]),
                            ..atom.clone()
                        };
                        proof.atom(&single, schema.id)
                    })
            }
        }
    }

    /// `patternProperties` and `additionalProperties`.
    fn undeclared(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let mut proven = true;
        for name in self.writer.names(atom) {
            let part = self.writer.part(atom, &name);
            for id in undeclared(keywords, &name) {
                proven &= self.property(atom, &name, &part, id, "additionalProperties");
            }
        }
        let Some(others) = self.writer.others(atom) else {
            return proven;
        };
        for one in &keywords.pattern_properties {
            for set in self.others_matching(atom, &one.pattern.source, &others) {
                let member = Member::Set(set);
                proven &= self.member(
                    atom,
                    Into::Other,
                    &member,
                    one.schema,
                    "additionalProperties",
                );
            }
        }
        if let Some(rest) = keywords.additional_properties {
            for set in self.others_beside(atom, keywords, &others) {
                let member = Member::Set(set);
                proven &= self.member(atom, Into::Other, &member, rest, "additionalProperties");
            }
        }
        proven
    }

    /// The values of undeclared properties whose names match: narrower where the writer has the
    /// same pattern.
    fn others_matching(&self, atom: &Atom, pattern: &str, others: &[Set]) -> Vec<Set> {
        let same: Vec<SchemaId> = atom
            .nodes
            .iter()
            .flat_map(|id| &self.writer.keywords(*id).pattern_properties)
            .filter(|one| one.pattern.source == pattern)
            .map(|one| one.schema)
            .collect();
        if same.is_empty() {
            return others.to_vec();
        }
        vec![self.writer.set(same, crate::compat::writer::Typing::Json)]
    }

    /// The values of undeclared properties whose names match none of the reader's patterns: not
    /// those that only match a pattern which both have.
    fn others_beside(&self, atom: &Atom, keywords: &Keywords, others: &[Set]) -> Vec<Set> {
        let [node] = atom.nodes.as_slice() else {
            return others.to_vec();
        };
        let written = self.writer.keywords(*node);
        let is_known = |source: &str| {
            let mut patterns = keywords.pattern_properties.iter();
            patterns.any(|one| one.pattern.source == source)
        };
        let mut patterns = written.pattern_properties.iter();
        if written.pattern_properties.is_empty()
            || !patterns.all(|one| is_known(&one.pattern.source))
        {
            return others.to_vec();
        }
        let is_closed = written
            .additional_properties
            .is_some_and(|id| self.writer.schema(id).resolved().boolean == Some(false));
        if is_closed {
            return Vec::new();
        }
        vec![self.writer.set(
            written.additional_properties,
            crate::compat::writer::Typing::Json,
        )]
    }

    fn count(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        if keywords.min_properties.is_none() && keywords.max_properties.is_none() {
            return true;
        }
        let (least, most) = self.writer.count(atom);
        let mut proven = true;
        if keywords.min_properties.is_some_and(|min| least < min) {
            proven &= self.fail(atom, schema.id, "minProperties", None, Vec::new());
        }
        if keywords
            .max_properties
            .is_some_and(|max| most.is_none_or(|most| most > max))
        {
            proven &= self.fail(atom, schema.id, "maxProperties", None, Vec::new());
        }
        proven
    }

    fn property_names(&mut self, atom: &Atom, schema: SchemaRef<'a>, names: SchemaId) -> bool {
        let mut proven = true;
        for name in self.writer.names(atom) {
            let may = self.writer.part(atom, &name).may;
            if may && !self.reader.takes(names, &Value::from(name.as_str())) {
                proven &= self.fail(atom, schema.id, "propertyNames", Some(&name), Vec::new());
            }
        }
        if self.writer.others(atom).is_some() {
            let written = atom
                .nodes
                .iter()
                .filter_map(|id| self.writer.keywords(*id).property_names);
            let set = self.of_kind(written, Kind::String);
            proven &= self.within(atom, Into::Name, |proof| proof.place(&set, names));
        }
        proven
    }

    fn dependent(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let mut proven = true;
        for (name, needed) in &keywords.dependent_required {
            if !self.writer.part(atom, name).may {
                continue;
            }
            for other in needed {
                if !self.is_there(atom, schema, other) && !self.depends(atom, name, other) {
                    let hints = Vec::new();
                    proven &= self.fail(atom, schema.id, "dependentRequired", Some(other), hints);
                }
            }
        }
        for (name, id) in &keywords.dependent_schemas {
            if !self.writer.part(atom, name).may {
                continue;
            }
            let mut with = atom.clone();
            with.present.push(name.clone());
            for node in atom.nodes.iter().filter(|_| is_plain(atom, name)) {
                let written = &self.writer.keywords(*node).dependent_schemas;
                let same = written.iter().filter(|(key, _)| key == name);
                with.nodes
                    .extend(same.map(|(_, id)| self.writer.schema(*id).resolved().id));
            }
            proven &= self.atom(&with, *id);
        }
        proven
    }

    /// Whether the writer never has the one property without the other.
    fn depends(&self, atom: &Atom, name: &str, other: &str) -> bool {
        // A reader who knows older names or fills in sees others than were written.
        let is_plain = |name: &str| {
            atom.filled.iter().all(|(filled, _)| filled != name)
                && atom
                    .renamed
                    .iter()
                    .all(|(old, new)| old != name && new != name)
        };
        is_plain(name)
            && is_plain(other)
            && atom.nodes.iter().any(|id| {
                let keywords = self.writer.keywords(*id);
                let mut properties = keywords.properties.iter();
                let declared = properties.find(|(key, _)| key == other);
                let mut dependent = keywords.dependent_required.iter();
                dependent.any(|(key, needed)| key == name && needed.iter().any(|key| key == other))
                    && declared
                        .is_none_or(|(_, id)| self.writer.schema(*id).default_value().is_none())
            })
    }

    fn unevaluated_properties(
        &mut self,
        atom: &Atom,
        schema: SchemaRef<'a>,
        rest: SchemaId,
    ) -> bool {
        let parts = merged(schema);
        if parts
            .iter()
            .any(|part| part.keywords.additional_properties.is_some())
        {
            return true;
        }
        let is_looked_at = |name: &str| {
            parts.iter().any(|part| {
                let keywords = &part.node().keywords;
                let mut patterns = keywords.pattern_properties.iter();
                keywords.properties.iter().any(|(key, _)| key == name)
                    || patterns.any(|one| one.pattern.regex.is_match(name))
            })
        };
        let mut proven = true;
        for name in self.writer.names(atom) {
            if !is_looked_at(&name) {
                let part = self.writer.part(atom, &name);
                proven &= self.property(atom, &name, &part, rest, "unevaluatedProperties");
            }
        }
        for set in self.writer.others(atom).unwrap_or_default() {
            let member = Member::Set(set);
            proven &= self.member(atom, Into::Other, &member, rest, "unevaluatedProperties");
        }
        proven
    }
}

/// Whether the reader sees the property as it was written: it knows no other name of it, and fills
/// nothing in.
fn is_plain(atom: &Atom, name: &str) -> bool {
    atom.filled.iter().all(|(filled, _)| filled != name)
        && atom
            .renamed
            .iter()
            .all(|(old, new)| old != name && new != name)
}

/// The schemas of a property that `properties` does not name.
fn undeclared(keywords: &Keywords, name: &str) -> Vec<SchemaId> {
    let patterns = keywords.pattern_properties.iter();
    let matching = patterns.filter(|one| one.pattern.regex.is_match(name));
    let mut all: Vec<_> = matching.map(|one| one.schema).collect();
    if all.is_empty() && !keywords.properties.iter().any(|(key, _)| key == name) {
        all.extend(keywords.additional_properties);
    }
    all
}
