//! The schema model: an arena of nodes, so that references and recursion are plain indices.

use std::ops::Deref;

use serde_json::Value;

use super::keywords::Keywords;
use crate::source::Location;

/// Index of a schema in [`Schemas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(crate) u32);

/// All schemas of a run. Children and `$ref` targets are [`SchemaId`]s.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    nodes: Vec<Node>,
}

/// One schema: a boolean, or a set of keywords.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub location: Location,
    /// Where the key stands that it is the value of; for an element of a list, the element.
    pub key: Location,
    /// JSON pointer from the task or file root, for messages: `/properties/total`.
    pub pointer: String,
    /// `Some(b)` for the boolean schemas `true` and `false`; then no keyword is set.
    pub boolean: Option<bool>,
    /// The keywords.
    pub keywords: Keywords,
}

impl Node {
    /// A schema without keywords, which admits every value.
    pub(crate) fn empty(location: Location, pointer: String) -> Node {
        Node {
            key: location.clone(),
            location,
            pointer,
            boolean: None,
            keywords: Keywords::default(),
        }
    }
}

impl Schemas {
    /// Ids of all schemas, in the order in which they were read.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SchemaId> + use<> {
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        (0..count).map(SchemaId)
    }

    /// Adds a node and returns its id.
    pub(crate) fn push(&mut self, node: Node) -> SchemaId {
        let id = SchemaId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// The node behind `id`, to be completed while parsing.
    pub(crate) fn node_mut(&mut self, id: SchemaId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// A view of the schema behind `id`.
    pub fn get(&self, id: SchemaId) -> SchemaRef<'_> {
        SchemaRef { schemas: self, id }
    }
}

/// A schema together with the arena that its children live in. Derefs to its [`Node`].
#[derive(Debug, Clone, Copy)]
pub struct SchemaRef<'a> {
    schemas: &'a Schemas,
    /// The schema's id.
    pub id: SchemaId,
}

impl<'a> SchemaRef<'a> {
    /// Another schema of the same arena: a child or a reference's target.
    #[must_use]
    pub fn at(self, id: SchemaId) -> SchemaRef<'a> {
        SchemaRef {
            schemas: self.schemas,
            id,
        }
    }

    /// The arena.
    #[cfg(feature = "compat")]
    pub(crate) fn schemas(self) -> &'a Schemas {
        self.schemas
    }

    /// The node, with the arena's lifetime.
    pub fn node(self) -> &'a Node {
        &self.schemas.nodes[self.id.0 as usize]
    }

    /// Follows `$ref` while nothing but annotations and `default` stand beside it. A `default` that
    /// is passed over this way is the property's own: ask [`default_value`](Self::default_value)
    /// before resolving.
    #[must_use]
    pub fn resolved(self) -> SchemaRef<'a> {
        let mut schema = self;
        // A chain is no longer than the arena; the bound ends a cycle, which parsing refuses.
        for _ in 0..self.schemas.nodes.len() {
            match schema.node().keywords.reference {
                Some(target) if schema.node().keywords.is_only_reference() => {
                    schema = schema.at(target);
                }
                _ => break,
            }
        }
        schema
    }

    /// The `default` of the schema, or else of what its `$ref` names, however far away.
    pub fn default_value(self) -> Option<&'a Value> {
        let mut schema = self;
        for _ in 0..=self.schemas.nodes.len() {
            let keywords = &schema.node().keywords;
            if keywords.default.is_some() {
                return keywords.default.as_ref();
            }
            schema = schema.at(keywords.reference?);
        }
        None
    }
}

impl Deref for SchemaRef<'_> {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.node()
    }
}
