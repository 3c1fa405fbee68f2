//! The properties of an atom of objects, as a reader comes to see them.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::typing::{self, Struct};
use super::{Atom, Set, Typing, Writer};
use crate::json_schema::{SchemaId, evaluate};

/// The most combinations of patterns that are told apart for one undeclared property.
const MAX_OTHERS: usize = 16;

/// Where a property's value comes from.
#[derive(Debug, Clone)]
pub(in crate::compat) enum Member {
    /// The writer, within these bounds.
    Set(Set),
    /// The one value that it can have.
    Value(Value),
}

/// One property of an atom.
#[derive(Debug, Clone, Default)]
pub(in crate::compat) struct Part {
    /// Whether it may be there.
    pub(in crate::compat) may: bool,
    /// Whether it is there in any case.
    pub(in crate::compat) always: bool,
    /// What it can be.
    pub(in crate::compat) from: Vec<Member>,
}

impl Part {
    fn add(&mut self, other: Part) {
        self.may |= other.may;
        self.always |= other.always;
        self.from.extend(other.from);
    }
}

impl Writer<'_> {
    /// How the atom's objects are written.
    pub(super) fn written_as(&self, atom: &Atom) -> Option<Rc<Struct>> {
        let schema = self.schema(atom.top?);
        typing::object(schema, atom.typing == Typing::Args).map(Rc::new)
    }

    /// A property after the reader has renamed and filled in.
    pub(in crate::compat) fn part(&self, atom: &Atom, name: &str) -> Part {
        if atom.renamed.iter().any(|(old, _)| old == name) {
            return Part::default();
        }
        let mut part = self.written(atom, name);
        for (old, _) in atom.renamed.iter().filter(|(_, new)| new == name) {
            part.add(self.written(atom, old));
        }
        if !part.always
            && let Some((_, default)) = atom.filled.iter().find(|(filled, _)| filled == name)
        {
            part.add(Part {
                may: true,
                always: true,
                from: vec![Member::Value(default.clone())],
            });
        }
        part
    }

    /// A property as it is written.
    pub(in crate::compat) fn written(&self, atom: &Atom, name: &str) -> Part {
        if let Some((_, value)) = atom.pinned.iter().find(|(pinned, _)| pinned == name) {
            return Part {
                may: true,
                always: true,
                from: vec![Member::Value(value.clone())],
            };
        }
        let written_as = self.written_as(atom);
        let field = written_as.as_deref().and_then(|object| {
            let mut fields = object.fields.iter();
            fields.find(|(field, _)| field == name).map(|(_, id)| *id)
        });
        let is_written = written_as.as_deref().is_none_or(|object| object.is_open);
        if atom.absent.iter().any(|absent| absent == name) || field.is_none() && !is_written {
            return Part::default();
        }
        let Some(all) = self.schemas_of(atom, name) else {
            return Part::default();
        };
        let is_plain = written_as.as_deref().is_some_and(|object| {
            all.len() == 1 && !object.all_inside && !object.inside.contains(name)
        });
        let typing = if is_plain {
            Typing::Typed
        } else {
            Typing::Json
        };
        let has_default = |id: SchemaId| self.schema(id).default_value().is_some();
        let always = atom.present.iter().any(|present| present == name)
            || field.is_some_and(has_default)
            || self.is_required(atom, name);
        Part {
            may: true,
            always,
            from: vec![Member::Set(self.set(all, typing))],
        }
    }

    /// Whether every field with a default is there.
    pub(in crate::compat) fn is_filled_in(
        &self,
        atom: &Atom,
        members: &Map<String, Value>,
    ) -> bool {
        let is_there = |(name, id): &(String, SchemaId)| {
            members.contains_key(name) || self.schema(*id).default_value().is_none()
        };
        let written_as = self.written_as(atom);
        written_as.is_none_or(|object| object.fields.iter().all(is_there))
    }

    /// Whether a property that has to be there cannot be.
    pub(in crate::compat) fn lacks(&self, atom: &Atom) -> bool {
        let written_as = self.written_as(atom);
        let fields = written_as.iter().flat_map(|object| &object.fields);
        let filled = fields.filter(|(_, id)| self.schema(*id).default_value().is_some());
        let required = atom
            .nodes
            .iter()
            .flat_map(|id| &self.keywords(*id).required);
        let required = required.filter(|name| self.is_required(atom, name));
        let mut needed = filled.map(|(name, _)| name).chain(required);
        needed.any(|name| !self.written(atom, name).may)
    }

    /// Whether some schema wants the property written: one with a default may be left out.
    fn is_required(&self, atom: &Atom, name: &str) -> bool {
        atom.nodes.iter().any(|id| {
            let keywords = self.keywords(*id);
            let mut properties = keywords.properties.iter();
            let declared = properties.find(|(key, _)| key == name);
            keywords.required.iter().any(|key| key == name)
                && declared.is_none_or(|(_, id)| self.schema(*id).default_value().is_none())
        })
    }

    /// The schemas that a property's value has to fit; `None` where it cannot be there.
    fn schemas_of(&self, atom: &Atom, name: &str) -> Option<Vec<SchemaId>> {
        let mut all = Vec::new();
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            let before = all.len();
            let declared = keywords.properties.iter().filter(|(key, _)| key == name);
            all.extend(declared.map(|(_, id)| *id));
            let patterns = keywords.pattern_properties.iter();
            let matching = patterns.filter(|one| one.pattern.regex.is_match(name));
            all.extend(matching.map(|one| one.schema));
            if all.len() == before {
                all.extend(keywords.additional_properties);
            }
            if let Some(names) = keywords.property_names
                && !evaluate(self.schema(names), &Value::from(name)).is_empty()
            {
                return None;
            }
        }
        let is_false = |id: &SchemaId| self.schema(*id).resolved().boolean == Some(false);
        (!all.iter().any(is_false)).then_some(all)
    }

    /// Every name that some schema of the atom speaks of, or the reader adds.
    pub(in crate::compat) fn names(&self, atom: &Atom) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            names.extend(keywords.properties.iter().map(|(name, _)| name.clone()));
            names.extend(keywords.required.iter().cloned());
        }
        names.extend(atom.present.iter().cloned());
        names.extend(atom.pinned.iter().map(|(name, _)| name.clone()));
        names.extend(atom.filled.iter().map(|(name, _)| name.clone()));
        names.extend(atom.renamed.iter().map(|(_, new)| new.clone()));
        names
    }

    /// What the values of properties that no schema names can be; `None` where there are no such.
    pub(in crate::compat) fn others(&self, atom: &Atom) -> Option<Vec<Set>> {
        let written_as = self.written_as(atom);
        if written_as.as_deref().is_some_and(|object| !object.is_open) {
            return None;
        }
        let mut combinations: Vec<Vec<SchemaId>> = vec![Vec::new()];
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            let patterns = keywords.pattern_properties.iter();
            let mut options: Vec<Option<SchemaId>> = patterns.map(|one| Some(one.schema)).collect();
            match keywords.additional_properties {
                Some(id) if self.schema(id).resolved().boolean == Some(false) => {}
                other => options.push(other),
            }
            if options.is_empty() {
                return None;
            }
            let next: Vec<Vec<SchemaId>> = combinations
                .iter()
                .flat_map(|known| {
                    options
                        .iter()
                        .map(|option| known.iter().copied().chain(*option).collect())
                })
                .collect();
            if next.len() > MAX_OTHERS {
                return Some(vec![self.set([], Typing::Json)]);
            }
            combinations = next;
        }
        let is_plain = written_as.is_some_and(|object| !object.all_inside);
        let sets = combinations.into_iter().map(|all| {
            let is_plain = is_plain && all.len() == 1;
            self.set(
                all,
                if is_plain {
                    Typing::Typed
                } else {
                    Typing::Json
                },
            )
        });
        Some(sets.collect())
    }

    /// How many properties the reader sees: at least, and at most.
    pub(in crate::compat) fn count(&self, atom: &Atom) -> (u64, Option<u64>) {
        let parts: Vec<Part> = self
            .names(atom)
            .iter()
            .map(|name| self.part(atom, name))
            .collect();
        let always = parts.iter().filter(|part| part.always).count() as u64;
        let may = parts.iter().filter(|part| part.may).count() as u64;
        let mut least = always;
        let mut most = self.others(atom).is_none().then_some(may);
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            least = least.max(keywords.min_properties.unwrap_or(0));
            if let Some(max) = keywords.max_properties {
                let max = max + atom.filled.len() as u64;
                most = Some(most.map_or(max, |most| most.min(max)));
            }
        }
        (least, most)
    }
}
