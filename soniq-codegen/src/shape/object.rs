//! Objects: which schemas make one struct, its fields, and what becomes of all other properties.

use std::collections::{BTreeMap, BTreeSet};

use soniq_schema::json_schema::{Dialect, Keywords, SchemaId, SchemaRef, evaluate};
use soniq_schema::source::Location;

use super::keywords::single_type;
use super::looks::Looks;
use super::names::snake;
use super::walk::{Place, Walk};
use super::{Field, ItemKind, Presence, Shape, Struct};

/// The schemas that together say what one object has: a schema, what its `$ref` names, and the
/// parts of its `allOf`, as far as those are objects and nothing else.
pub(super) struct Parts<'a> {
    all: Vec<SchemaRef<'a>>,
    /// Schemas of the same value that are only checked.
    checked: Vec<SchemaRef<'a>>,
    /// Whether null is allowed as well.
    pub(super) nullable: bool,
}

impl<'a> Parts<'a> {
    /// The parts of a schema whose values are objects, and at most null; `None` for any other.
    pub(super) fn of(schema: SchemaRef<'a>) -> Option<Self> {
        let mut parts = Parts {
            all: Vec::new(),
            checked: Vec::new(),
            nullable: false,
        };
        if schema.boolean.is_some() {
            return None;
        }
        parts.add(schema);
        let mut types = parts.all.iter().map(|part| single_type(&part.keywords));
        if types.any(|one| one == Some(("object", false))) {
            return may_be_object(&schema.keywords).then_some(parts);
        }
        parts.nullable = true;
        let nullable = parts.all.len() == 1 && parts.checked.is_empty();
        (nullable && single_type(&schema.keywords) == Some(("object", true))).then_some(parts)
    }

    fn add(&mut self, schema: SchemaRef<'a>) {
        if self.all.iter().any(|part| part.id == schema.id) {
            return;
        }
        self.all.push(schema);
        let keywords = &schema.node().keywords;
        let merged = keywords.reference.iter().chain(&keywords.all_of);
        let merged: BTreeSet<SchemaId> = merged.copied().collect();
        for id in keywords.in_place() {
            let part = schema.at(id);
            if merged.contains(&id) && part.boolean.is_none() && may_be_object(&part.keywords) {
                self.add(part);
            } else {
                self.checked.push(part);
            }
        }
    }

    /// Whether the object's values are a struct rather than a map.
    pub(super) fn is_struct(&self) -> bool {
        let declares = |part: &SchemaRef<'_>| !part.keywords.properties.is_empty();
        self.all.iter().any(declares) || self.is_closed()
    }

    /// Whether nothing is beside the schema itself.
    fn is_one(&self) -> bool {
        self.all.len() == 1 && self.checked.is_empty()
    }

    /// Whether no property but the declared ones is accepted.
    fn is_closed(&self) -> bool {
        self.all.iter().any(|part| {
            let keywords = &part.keywords;
            // What `additionalProperties` speaks of is evaluated, so it has the first word.
            let last = keywords.unevaluated_properties.filter(|_| self.is_one());
            let others = keywords.additional_properties.or(last);
            keywords.pattern_properties.is_empty()
                && others.is_some_and(|id| part.at(id).boolean == Some(false))
        })
    }

    /// The properties, each with the part that declares it first.
    pub(super) fn properties(&self) -> Vec<(&'a str, SchemaRef<'a>)> {
        let mut properties: Vec<(&str, SchemaRef<'a>)> = Vec::new();
        for part in &self.all {
            for (key, id) in &part.node().keywords.properties {
                if !properties.iter().any(|(known, _)| known == key) {
                    properties.push((key, part.at(*id)));
                }
            }
        }
        properties
    }

    /// The older names of all properties, each with the present one.
    pub(super) fn renames(&self) -> &'a [(String, String)] {
        let first = self.all.first();
        first.map_or(&[], |schema| &schema.node().keywords.renames)
    }

    /// Whether any part requires a property.
    pub(super) fn requires(&self, key: &str) -> bool {
        let mut parts = self.all.iter();
        parts.any(|part| part.keywords.required.iter().any(|name| name == key))
    }

    /// What is looked at beside the schemas of the fields.
    fn looks(&self) -> Looks<'a> {
        let declared: BTreeSet<&str> = self.properties().iter().map(|(key, _)| *key).collect();
        let older = self.renames().iter().map(|(old, _)| old.as_str());
        let mut looks = Looks::new(declared, older.collect());
        for part in &self.checked {
            looks.at(*part);
        }
        let mut seen = BTreeSet::new();
        for part in &self.all {
            let keywords = &part.node().keywords;
            looks.at_names(keywords);
            for (key, _) in &keywords.properties {
                if !seen.insert(key.as_str()) {
                    looks.inside(key);
                }
            }
            for one in &keywords.pattern_properties {
                looks.matching(&one.pattern);
            }
            // What is left over for one part may be declared by another.
            let rest = [
                keywords.additional_properties,
                keywords.unevaluated_properties,
            ];
            let mut rest = rest.into_iter().flatten();
            if self.all.len() > 1 && rest.any(|id| part.at(id).boolean.is_none()) {
                looks.everywhere();
            }
        }
        looks
    }
}

/// Keywords that say something of properties by other means than their names.
trait OtherProperties {
    fn has_other_properties(&self) -> bool;
}

impl OtherProperties for Keywords {
    fn has_other_properties(&self) -> bool {
        !self.pattern_properties.is_empty() || self.unevaluated_properties.is_some()
    }
}

/// Whether a schema admits objects, and nothing in it says that only some are listed.
fn may_be_object(keywords: &Keywords) -> bool {
    let listed = keywords.enumeration.is_some() || keywords.constant.is_some();
    let is_object = keywords
        .types
        .is_none_or(|_| single_type(keywords).is_some_and(|(name, _)| name == "object"));
    is_object && (keywords.types.is_some() || !listed)
}

impl<'a> Walk<'a> {
    /// The shape of an object.
    pub(super) fn object(
        &mut self,
        schema: SchemaRef<'a>,
        parts: &Parts<'a>,
        place: &Place,
    ) -> Shape {
        let shape = if parts.is_struct() {
            let fields = self.fields(parts, place, None);
            self.nested(schema, place, ItemKind::Struct(fields))
        } else {
            let values = self.others(parts, &place.child("value"));
            Shape::Map(Box::new(values))
        };
        if parts.nullable {
            Shape::Nullable(Box::new(shape))
        } else {
            shape
        }
    }

    /// A field per property, but for the one that tags the variants of an enum.
    pub(super) fn fields(&mut self, parts: &Parts<'a>, place: &Place, tag: Option<&str>) -> Struct {
        let looks = parts.looks();
        let mut fields = Vec::new();
        for (key, property) in parts.properties() {
            if tag == Some(key) {
                continue;
            }
            let place = place.child(key);
            let shape = if looks.is_inside(key) {
                self.exact(property, &place)
            } else {
                self.shape(property, &place)
            };
            let presence = self.presence(parts.requires(key), property);
            // What a merged `const` says may not be what the others allow.
            let presence = match presence {
                Presence::Constant(_) if looks.is_inside(key) => Presence::Required,
                presence => presence,
            };
            fields.push(Field {
                key: key.to_owned(),
                aliases: self.aliases(parts, key),
                ident: snake(key),
                schema: property.id,
                shape,
                presence,
            });
        }
        let mut idents: BTreeMap<String, (String, Location)> = BTreeMap::new();
        for field in &fields {
            let location = &self.schema(field.schema).node().location;
            let claim = (field.key.clone(), location.clone());
            if let Some((first, place)) = idents.insert(field.ident.clone(), claim) {
                self.names
                    .collision(&field.ident, (&first, &place), (&field.key, location));
            }
        }
        let additional = self.additional(parts, &looks, place);
        let additional = additional.map(|shape| {
            let mut ident = "additional".to_owned();
            while idents.contains_key(&ident) {
                ident.push('_');
            }
            (ident, shape)
        });
        Struct { fields, additional }
    }

    /// The older names under which a property is read.
    pub(super) fn aliases(&self, parts: &Parts<'a>, key: &str) -> Vec<String> {
        if self.dialect == Dialect::JsonSchema {
            return Vec::new();
        }
        let renames = parts.renames().iter();
        let renames = renames.filter(|(_, present)| present == key);
        renames.map(|(old, _)| old.clone()).collect()
    }

    /// Whether a property may be absent.
    pub(super) fn presence(&self, required: bool, property: SchemaRef<'_>) -> Presence {
        let fills_in = self.dialect == Dialect::Contract;
        if let Some(default) = property.default_value().filter(|_| fills_in) {
            return Presence::Defaulted(default.clone());
        }
        if !required {
            return Presence::Optional;
        }
        match &property.node().keywords.constant {
            // Where another keyword beside it refuses the constant, as a JSON file may have it, no
            // value fits and there is nothing to fill in.
            Some(constant) if fills_in && evaluate(property, constant).is_empty() => {
                Presence::Constant(constant.clone())
            }
            _ => Presence::Required,
        }
    }

    /// The shape of the properties that are not declared; `None` where they can be left out.
    fn additional(&mut self, parts: &Parts<'a>, looks: &Looks<'a>, place: &Place) -> Option<Shape> {
        if parts.is_closed() {
            return None;
        }
        let says = |part: &SchemaRef<'_>| {
            let keywords = &part.keywords;
            let additional = keywords.additional_properties.map(|id| part.at(id));
            keywords.has_other_properties()
                || additional.is_some_and(|schema| schema.boolean.is_none())
        };
        (looks.has_others() || parts.all.iter().any(says))
            .then(|| self.others(parts, &place.child("additional")))
    }

    /// The one shape of all properties that are not declared.
    fn others(&mut self, parts: &Parts<'a>, place: &Place) -> Shape {
        let (true, [part]) = (parts.checked.is_empty(), parts.all.as_slice()) else {
            return Shape::Json;
        };
        let keywords = &part.node().keywords;
        let rest = keywords.additional_properties;
        let rest = rest.or(keywords.unevaluated_properties);
        let Some(rest) = rest.map(|id| part.at(id)) else {
            return Shape::Json;
        };
        let patterns = keywords.pattern_properties.iter();
        let patterns: Vec<SchemaRef<'a>> = patterns.map(|one| part.at(one.schema)).collect();
        match (patterns.as_slice(), rest.boolean) {
            ([], None) => self.shape(rest, place),
            ([one], Some(false)) => self.shape(*one, place),
            // Several schemas: one type only if they are one schema.
            ([first, others @ ..], _) => {
                let mut others: Vec<_> = others.to_vec();
                if rest.boolean != Some(false) {
                    others.push(rest);
                }
                let target = first.resolved().id;
                if others.iter().all(|other| other.resolved().id == target) {
                    self.shape(*first, place)
                } else {
                    Shape::Json
                }
            }
            _ => Shape::Json,
        }
    }
}
