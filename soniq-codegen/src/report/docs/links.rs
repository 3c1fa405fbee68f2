//! Which section each schema has, and who refers to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use soniq_schema::Contracts;
use soniq_schema::json_schema::SchemaId;

use super::text::{Anchor, Text};
use crate::shape::{Module, Shapes, camel};

/// The sections of schemas, found while the catalogue is read: every `$ref` leads to one.
pub(super) struct Links<'a> {
    contracts: &'a Contracts,
    shapes: &'a Shapes,
    sections: BTreeMap<SchemaId, Section>,
    ids: BTreeSet<String>,
    /// Sections that no contract names and that are still to be written.
    pending: VecDeque<SchemaId>,
    uses: BTreeMap<SchemaId, Vec<Text>>,
    /// The section that is being read.
    here: (Anchor, String),
}

#[derive(Clone)]
struct Section {
    anchor: Anchor,
    name: String,
}

impl<'a> Links<'a> {
    pub(super) fn new(contracts: &'a Contracts, shapes: &'a Shapes) -> Self {
        let nowhere = Anchor {
            namespace: 0,
            id: String::new(),
        };
        Links {
            contracts,
            shapes,
            sections: BTreeMap::new(),
            ids: BTreeSet::new(),
            pending: VecDeque::new(),
            uses: BTreeMap::new(),
            here: (nowhere, String::new()),
        }
    }

    /// An anchor with this id, or with the next one that is free.
    pub(super) fn anchor(&mut self, namespace: usize, id: &str) -> Anchor {
        let mut free = id.to_owned();
        let mut n = 1;
        while !self.ids.insert(free.clone()) {
            n += 1;
            free = format!("{id}-{n}");
        }
        let id = free;
        Anchor { namespace, id }
    }

    /// Gives a schema its section. One that has a section already keeps it.
    pub(super) fn section(&mut self, schema: SchemaId, anchor: &Anchor, name: &str) {
        let section = Section {
            anchor: anchor.clone(),
            name: name.to_owned(),
        };
        self.sections.entry(schema).or_insert(section);
    }

    /// From now on, references are those of this section.
    pub(super) fn enter(&mut self, anchor: &Anchor, name: &str) {
        self.here = (anchor.clone(), name.to_owned());
    }

    /// A link to the section of a `$ref`'s target.
    pub(super) fn to(&mut self, target: SchemaId) -> Text {
        let section = match self.sections.get(&target) {
            Some(section) => section.clone(),
            None => self.found(target),
        };
        let (here, name) = &self.here;
        let user = Text::default().link(name.clone(), here.clone());
        let users = self.uses.entry(target).or_default();
        if !users.contains(&user) {
            users.push(user);
        }
        Text::default().link(section.name, section.anchor)
    }

    /// A target that is not one of `[types]`: it is called as its Rust type.
    fn found(&mut self, target: SchemaId) -> Section {
        let item = self.shapes.shared.get(&target);
        let section = if let Some(item) = item.map(|id| self.shapes.item(*id)) {
            let n = item.module.namespace();
            let contract = &self.contracts.contracts[n];
            let name = match item.module {
                Module::Namespace(_) => item.name.clone(),
                Module::Task(_, t) | Module::Retired(_, t, _) => {
                    format!("{}::{}", contract.tasks[t].key, item.name)
                }
            };
            let id = format!("type-{}.{}", contract.namespace, name.replace("::", "."));
            let anchor = self.anchor(n, &id);
            Section { anchor, name }
        } else {
            // Only an annotation, `contentSchema`, refers to it: it has no type.
            let pointer = &self.contracts.schemas.get(target).node().pointer;
            let name = camel(pointer.rsplit('/').next().unwrap_or_default());
            let n = self.here.0.namespace;
            let namespace = &self.contracts.contracts[n].namespace;
            let anchor = self.anchor(n, &format!("type-{namespace}.{name}"));
            Section { anchor, name }
        };
        self.sections.insert(target, section.clone());
        self.pending.push_back(target);
        section
    }

    /// The next section that was found by a `$ref`.
    pub(super) fn next_found(&mut self) -> Option<(SchemaId, Anchor, String)> {
        let id = self.pending.pop_front()?;
        let section = &self.sections[&id];
        Some((id, section.anchor.clone(), section.name.clone()))
    }

    /// Who refers to a schema.
    pub(super) fn used_by(&self, schema: SchemaId) -> Vec<Text> {
        self.uses.get(&schema).cloned().unwrap_or_default()
    }
}
