//! The schema model: an arena of nodes, so that references and recursion are plain indices.

use std::ops::Deref;

use regex::Regex;
use serde_json::{Number, Value};

use crate::source::Location;

/// Index of a schema in [`Schemas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(crate) u32);

/// A `pattern`: what the contract says, and the same as the `regex` crate has it.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The text in the contract, in the syntax of ECMA-262.
    pub source: String,
    /// The expression that is matched, compiled; [`Regex::as_str`] is what generated code embeds.
    pub regex: Regex,
}

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
    /// JSON pointer from the task or file root, for messages: `/properties/total`.
    pub pointer: String,
    /// `Some(b)` for the boolean schemas `true` and `false`; then no keyword is set.
    pub boolean: Option<bool>,
    /// The keywords.
    pub keywords: Keywords,
}

/// The `type` keyword, as a set. Empty means that any type is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the keyword is a set of seven names"
)]
pub struct Types {
    /// `"null"`
    pub null: bool,
    /// `"boolean"`
    pub boolean: bool,
    /// `"integer"`
    pub integer: bool,
    /// `"number"`
    pub number: bool,
    /// `"string"`
    pub string: bool,
    /// `"array"`
    pub array: bool,
    /// `"object"`
    pub object: bool,
}

/// The keywords of one schema; what is absent is `None` or empty.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    /// `$ref`, resolved. Other keywords beside it apply too.
    pub reference: Option<SchemaId>,
    /// `type`; `None` when the keyword is absent.
    pub types: Option<Types>,
    /// `enum`
    pub enumeration: Option<Vec<Value>>,
    /// `const`
    pub constant: Option<Value>,
    /// `x-open`: values of a string enum beside the listed ones are accepted.
    pub open: bool,

    /// `title`
    pub title: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `deprecated`
    pub deprecated: bool,
    /// `default`
    pub default: Option<Value>,
    /// `examples`
    pub examples: Vec<Value>,

    /// `format`: asserted, one of the names that `soniq_rules` knows, or an integer width.
    pub format: Option<String>,
    /// `minLength`, in characters
    pub min_length: Option<u64>,
    /// `maxLength`, in characters
    pub max_length: Option<u64>,
    /// `pattern`, unanchored
    pub pattern: Option<Pattern>,

    /// `minimum`
    pub minimum: Option<Number>,
    /// `maximum`
    pub maximum: Option<Number>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<Number>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<Number>,
    /// `multipleOf`
    pub multiple_of: Option<Number>,

    /// `items`: of every element after `prefixItems`
    pub items: Option<SchemaId>,
    /// `prefixItems`
    pub prefix_items: Vec<SchemaId>,
    /// `minItems`
    pub min_items: Option<u64>,
    /// `maxItems`
    pub max_items: Option<u64>,
    /// `uniqueItems`
    pub unique_items: bool,

    /// `properties`, in the order of the file
    pub properties: Vec<(String, SchemaId)>,
    /// `required`
    pub required: Vec<String>,
    /// `additionalProperties`
    pub additional_properties: Option<SchemaId>,
    /// `minProperties`
    pub min_properties: Option<u64>,
    /// `maxProperties`
    pub max_properties: Option<u64>,
    /// `x-aliases`: older names of this property
    pub aliases: Vec<String>,
}

impl Types {
    /// The names of the set, in the order of JSON Schema's list.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.null, "null"),
            (self.boolean, "boolean"),
            (self.integer, "integer"),
            (self.number, "number"),
            (self.string, "string"),
            (self.array, "array"),
            (self.object, "object"),
        ]
        .into_iter()
        .filter_map(|(contained, name)| contained.then_some(name))
    }
}

impl Node {
    /// A schema without keywords, which admits every value.
    pub(crate) fn empty(location: Location, pointer: String) -> Node {
        Node {
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

impl Keywords {
    /// Whether `$ref` is the only keyword that says anything about values: beside it stand at most
    /// annotations and a `default`.
    pub fn is_only_reference(&self) -> bool {
        // Destructured in full, so that a new keyword must be put on one side or the other.
        let Keywords {
            reference,
            types,
            enumeration,
            constant,
            open,
            title: _,
            description: _,
            deprecated: _,
            default: _,
            examples: _,
            format,
            min_length,
            max_length,
            pattern,
            minimum,
            maximum,
            exclusive_minimum,
            exclusive_maximum,
            multiple_of,
            items,
            prefix_items,
            min_items,
            max_items,
            unique_items,
            properties,
            required,
            additional_properties,
            min_properties,
            max_properties,
            aliases,
        } = self;
        reference.is_some()
            && types.is_none()
            && enumeration.is_none()
            && constant.is_none()
            && !open
            && format.is_none()
            && [
                min_length,
                max_length,
                min_items,
                max_items,
                min_properties,
                max_properties,
            ]
            .iter()
            .all(|bound| bound.is_none())
            && pattern.is_none()
            && [
                minimum,
                maximum,
                exclusive_minimum,
                exclusive_maximum,
                multiple_of,
            ]
            .iter()
            .all(|bound| bound.is_none())
            && items.is_none()
            && prefix_items.is_empty()
            && !unique_items
            && properties.is_empty()
            && required.is_empty()
            && additional_properties.is_none()
            && aliases.is_empty()
    }
}

impl Deref for SchemaRef<'_> {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.node()
    }
}
