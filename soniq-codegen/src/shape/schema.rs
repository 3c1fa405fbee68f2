//! The shape of one schema.

use soniq_schema::json_schema::{Dialect, Keywords, Node, SchemaRef};

use super::keywords::{integer_type, single_type, string_values};
use super::names::camel;
use super::object::Parts;
use super::walk::{Place, Walk};
use super::{Enum, ItemKind, Shape};

/// The longest tuple that serde takes.
const LONGEST_TUPLE: usize = 16;

impl<'a> Walk<'a> {
    /// The shape of one schema: a type that holds every value which the schema accepts.
    pub(super) fn shape(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        if schema.boolean.is_some() {
            return Shape::Json;
        }
        let keywords = &schema.node().keywords;
        if let Some(target) = keywords.reference.filter(|_| keywords.is_only_reference()) {
            return self.target(target, place.module);
        }
        // A merged `$ref` may lead back here without a name on the way.
        if self.open.contains(&schema.id) {
            return Shape::Json;
        }
        self.open.push(schema.id);
        let shape = self.inline(schema, place);
        self.open.pop();
        shape
    }

    /// The shape of a schema that is no mere `$ref`.
    fn inline(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let keywords = &schema.node().keywords;
        if let Some(shape) = self.union(schema, place) {
            return shape;
        }
        if let Some(parts) = Parts::of(schema) {
            return match wrapped(schema) {
                Some(inner) => self.shape(inner, place),
                None => self.object(schema, &parts, place),
            };
        }
        let Some((name, nullable)) = single_type(keywords) else {
            return self.by_part(schema, place);
        };
        let shape = match name {
            "boolean" => Shape::Bool,
            "integer" if self.dialect == Dialect::JsonSchema => Shape::Json,
            "integer" => Shape::Int(integer_type(keywords.format.as_deref())),
            "number" => Shape::Float,
            "string" => self.text(schema, place),
            "array" => self.array(keywords, schema, place),
            // An object that is null or one of several other things.
            "object" => return Shape::Json,
            _ => return Shape::Unit,
        };
        if nullable && shape != Shape::Json {
            Shape::Nullable(Box::new(shape))
        } else {
            shape
        }
    }

    /// The shape of a schema that leaves the type to its `$ref` or to a part of its `allOf`.
    fn by_part(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let keywords = &schema.node().keywords;
        let inner = wrapped(schema).or_else(|| {
            let mut parts = keywords.reference.iter().chain(&keywords.all_of);
            let looks_inside = keywords.items.is_some()
                || !keywords.prefix_items.is_empty()
                || keywords.contains.is_some()
                || keywords.in_place().count() > 1;
            parts.find_map(|id| Some(schema.at(*id)).filter(|part| is_plain(*part, looks_inside)))
        });
        inner.map_or(Shape::Json, |inner| self.shape(inner, place))
    }

    /// The shape of a value that must be written as it was read.
    pub(super) fn exact(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let target = schema.resolved();
        let Some((name, nullable)) = single_type(&target.keywords) else {
            return Shape::Json;
        };
        let keeps_text = !matches!(
            target.keywords.format.as_deref(),
            Some("uuid" | "date-time")
        );
        match name {
            "array" | "object" => Shape::Json,
            "string" if keeps_text => self.shape(schema, place),
            "string" if nullable => Shape::Nullable(Box::new(Shape::Text)),
            "string" => Shape::Text,
            _ => self.shape(schema, place),
        }
    }

    fn text(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let keywords = &schema.node().keywords;
        if let Some(values) = string_values(keywords) {
            let variants = self.variants(&values, keywords.open, schema.node());
            return self.nested(
                schema,
                place,
                ItemKind::Enum(Enum {
                    variants,
                    open: keywords.open,
                }),
            );
        }
        let format = keywords.format.as_deref();
        match format.filter(|_| self.dialect == Dialect::Contract) {
            Some("uuid") => Shape::Uuid,
            Some("date-time") => Shape::DateTime,
            Some("date") => Shape::Date,
            _ => Shape::Text,
        }
    }

    fn array(&mut self, keywords: &'a Keywords, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let prefix = &keywords.prefix_items;
        if prefix.is_empty() {
            let element = match keywords.items {
                Some(items) => self.element(keywords, schema.at(items), &place.child("item")),
                None => Shape::Json,
            };
            return Shape::List(Box::new(element));
        }
        let closed = keywords
            .items
            .is_some_and(|items| schema.at(items).boolean == Some(false))
            || keywords.max_items == Some(prefix.len() as u64);
        let full = keywords.min_items == Some(prefix.len() as u64);
        if !closed || !full || prefix.len() > LONGEST_TUPLE {
            return Shape::List(Box::new(Shape::Json));
        }
        let mut elements = Vec::new();
        for (index, element) in prefix.iter().enumerate() {
            let place = place.child(&format!("item_{index}"));
            elements.push(self.element(keywords, schema.at(*element), &place));
        }
        Shape::Tuple(elements)
    }

    /// An element that no other schema looks into is of its own type.
    fn element(&mut self, of: &Keywords, element: SchemaRef<'a>, place: &Place) -> Shape {
        if of.contains.is_some() || of.in_place().next().is_some() {
            self.exact(element, place)
        } else {
            self.shape(element, place)
        }
    }

    pub(super) fn variants(
        &mut self,
        values: &[String],
        open: bool,
        node: &Node,
    ) -> Vec<(String, String)> {
        let mut variants: Vec<(String, String)> = Vec::new();
        for value in values {
            let mut name = camel(value);
            if open && name == "Other" {
                name.push('_');
            }
            let place = &node.location;
            if let Some((first, _)) = variants.iter().find(|(_, taken)| *taken == name) {
                self.names.collision(&name, (first, place), (value, place));
            }
            variants.push((value.clone(), name));
        }
        variants
    }
}

/// The one schema that an `allOf` wraps, or a `$ref` with nothing beside it.
pub(super) fn wrapped(schema: SchemaRef<'_>) -> Option<SchemaRef<'_>> {
    let keywords = &schema.node().keywords;
    let [one] = keywords.all_of.as_slice() else {
        return None;
    };
    let rest = Keywords {
        reference: Some(*one),
        all_of: Vec::new(),
        ..keywords.clone()
    };
    (keywords.reference.is_none() && rest.is_only_reference()).then(|| schema.at(*one))
}

/// Whether what other schemas say of the same value cannot change its type: it has no parts, or
/// none that they look into.
fn is_plain(schema: SchemaRef<'_>, looks_inside: bool) -> bool {
    let schema = schema.resolved();
    let plain = ["boolean", "integer", "number", "string"];
    single_type(&schema.keywords)
        .is_some_and(|(name, _)| plain.contains(&name) || name == "array" && !looks_inside)
}
