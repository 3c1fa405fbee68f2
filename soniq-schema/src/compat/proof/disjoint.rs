//! The other way round: does a reader's schema admit nothing of what is written?

use serde_json::Value;

use super::{Proof, is_untouched};
use crate::compat::writer::{Atom, Kind, Member, Set};
use crate::json_schema::{SchemaId, SchemaRef};

/// How deep properties are followed.
const MAX_DEPTH: usize = 8;

impl<'a> Proof<'_, 'a> {
    /// Whether the schema certainly admits no value of the atom.
    pub(super) fn disjoint(&mut self, atom: &Atom, read: SchemaId, depth: usize) -> bool {
        if depth > MAX_DEPTH || !self.step() {
            return false;
        }
        let schema = self.reader.schema(read).resolved();
        if let Some(admits) = schema.boolean {
            return !admits;
        }
        if let Some(values) = &atom.values {
            return !values
                .iter()
                .any(|value| self.reader.takes(schema.id, value));
        }
        let atom = &*self.entered(atom, schema.id);
        let keywords = &schema.node().keywords;
        if !Kind::is_in(atom.kind, keywords)
            || is_untouched(atom) && atom.negated.iter().any(|id| self.is_same(*id, schema.id))
        {
            return true;
        }
        let by_kind = match atom.kind {
            Kind::String => self.no_common_length(atom, schema),
            Kind::Number => self.no_common_number(atom, schema),
            Kind::Object => self.no_common_object(atom, schema, depth),
            Kind::Array => self.no_common_array(atom, schema),
            Kind::Null | Kind::Bool => false,
        };
        by_kind || self.none_listed(atom, schema) || self.none_in_place(atom, schema, depth)
    }

    fn set_is_disjoint(&mut self, set: &Set, read: SchemaId, depth: usize) -> bool {
        let atoms = self.writer.atoms(set);
        let mut atoms = atoms.iter();
        atoms.all(|atom| self.disjoint(atom, read, depth + 1))
    }

    /// Whether the reader's listed values are none of the writer's.
    fn none_listed(&self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        // An object may be another one once it was renamed and filled in.
        if matches!(atom.kind, Kind::Object | Kind::Array) {
            return false;
        }
        let keywords = &schema.node().keywords;
        let is_open = keywords.open && atom.kind == Kind::String;
        let listed = keywords.enumeration.as_deref().filter(|_| !is_open);
        let constant = keywords.constant.as_ref().map(std::slice::from_ref);
        [listed, constant]
            .into_iter()
            .flatten()
            .any(|values: &[Value]| !values.iter().any(|value| self.writer.admits(atom, value)))
    }

    fn no_common_length(&self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let text = self.writer.text(atom);
        keywords.max_length.is_some_and(|max| text.min > max)
            || keywords
                .min_length
                .is_some_and(|min| text.max.is_some_and(|max| max < min))
    }

    fn no_common_number(&self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let range = self.writer.range(atom);
        let is_below = |bound: &Option<_>, is_open| {
            bound
                .as_ref()
                .is_some_and(|bound| range.is_below(bound, is_open))
        };
        let is_above = |bound: &Option<_>, is_open| {
            bound
                .as_ref()
                .is_some_and(|bound| range.is_above(bound, is_open))
        };
        is_below(&keywords.minimum, true)
            || is_below(&keywords.exclusive_minimum, false)
            || is_above(&keywords.maximum, true)
            || is_above(&keywords.exclusive_maximum, false)
    }

    fn no_common_array(&self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let items = self.writer.items(atom);
        keywords.max_items.is_some_and(|max| items.min > max)
            || keywords
                .min_items
                .is_some_and(|min| items.max.is_some_and(|max| max < min))
    }

    fn no_common_object(&mut self, atom: &Atom, schema: SchemaRef<'a>, depth: usize) -> bool {
        let keywords = &schema.node().keywords;
        let is_missing = |name: &String| {
            let mut properties = keywords.properties.iter();
            let declared = properties.find(|(key, _)| key == name);
            let has_default =
                declared.is_some_and(|(_, id)| schema.at(*id).default_value().is_some());
            !has_default && !self.writer.part(atom, name).may
        };
        if keywords.required.iter().any(is_missing) {
            return true;
        }
        let closed = keywords
            .additional_properties
            .is_some_and(|id| schema.at(id).resolved().boolean == Some(false));
        if closed && keywords.pattern_properties.is_empty() {
            let is_declared =
                |name: &String| keywords.properties.iter().any(|(key, _)| key == name);
            let names = self.writer.names(atom);
            let mut always = names
                .iter()
                .filter(|name| self.writer.part(atom, name).always);
            if always.any(|name| !is_declared(name)) {
                return true;
            }
        }
        for (name, id) in &keywords.properties {
            let part = self.writer.part(atom, name);
            let clashes = part.always
                && part.from.iter().all(|member| match member {
                    Member::Value(value) => !self.reader.takes(*id, value),
                    Member::Set(set) => self.set_is_disjoint(set, *id, depth),
                });
            if clashes {
                return true;
            }
        }
        false
    }

    fn none_in_place(&mut self, atom: &Atom, schema: SchemaRef<'a>, depth: usize) -> bool {
        let keywords = &schema.node().keywords;
        let mut all = keywords.reference.iter().chain(&keywords.all_of);
        if all.any(|id| self.disjoint(atom, *id, depth + 1)) {
            return true;
        }
        for branches in [&keywords.any_of, &keywords.one_of] {
            let mut each = branches.iter();
            if !branches.is_empty() && each.all(|id| self.disjoint(atom, *id, depth + 1)) {
                return true;
            }
        }
        keywords
            .not
            .is_some_and(|id| self.silently(|proof| proof.atom(atom, id)))
    }
}
