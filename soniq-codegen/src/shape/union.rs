//! `anyOf` and `oneOf` as types: an `Option`, an enum that a property tags, or an enum of different
//! JSON types.

use std::collections::BTreeSet;

use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef};

use super::keywords::{single_type, string_constant};
use super::names::{camel, type_name};
use super::object::Parts;
use super::walk::{Place, Walk};
use super::{ItemKind, Shape, Union, Variant};
use crate::problem::{RENAMED_TAG, at};

/// The branches of a schema that says nothing but `anyOf` or `oneOf`, and at most a `type`.
pub(super) struct Branches<'a> {
    /// All that do not stand for null.
    values: Vec<SchemaRef<'a>>,
    /// Whether one stands for null.
    pub(super) nullable: bool,
}

impl<'a> Branches<'a> {
    pub(super) fn of(schema: SchemaRef<'a>) -> Option<Self> {
        let keywords = &schema.node().keywords;
        let all: &[SchemaId] = match (keywords.any_of.as_slice(), keywords.one_of.as_slice()) {
            ([], all) | (all, []) if !all.is_empty() => all,
            _ => return None,
        };
        if !says_nothing_else(keywords) {
            return None;
        }
        let is_null = |branch: &SchemaRef<'_>| {
            single_type(&branch.resolved().keywords) == Some(("null", false))
        };
        let (nulls, values): (Vec<_>, Vec<_>) =
            all.iter().map(|id| schema.at(*id)).partition(is_null);
        Some(Branches {
            values,
            nullable: !nulls.is_empty(),
        })
    }
}

/// Whether null is among the values already, as far as that shows without the insides of types that
/// may not be finished yet.
fn is_nullable(shape: &Shape) -> bool {
    matches!(shape, Shape::Nullable(_) | Shape::Json | Shape::Unit)
}

/// Whether beside `anyOf`, `oneOf` and `type` stand at most annotations.
fn says_nothing_else(keywords: &Keywords) -> bool {
    let reference = keywords.any_of.iter().chain(&keywords.one_of).next();
    let rest = Keywords {
        reference: reference.copied(),
        types: None,
        any_of: Vec::new(),
        one_of: Vec::new(),
        ..keywords.clone()
    };
    keywords.reference.is_none() && rest.is_only_reference()
}

impl<'a> Walk<'a> {
    /// The shape of a schema of branches; `None` where there is no type for them.
    pub(super) fn union(&mut self, schema: SchemaRef<'a>, place: &Place) -> Option<Shape> {
        let branches = Branches::of(schema)?;
        let shape = match branches.values.as_slice() {
            [] => return Some(Shape::Unit),
            [one] => match self.shape(*one, place) {
                // What stands beside the branch may say more.
                Shape::Json if !branches.nullable => return None,
                shape => shape,
            },
            _ => {
                let union = self.variants_of(&branches, place)?;
                self.nested(schema, place, ItemKind::Union(union))
            }
        };
        let optional = branches.nullable && !is_nullable(&shape);
        Some(if optional {
            Shape::Nullable(Box::new(shape))
        } else {
            shape
        })
    }

    /// The variants of an enum; `None` where the branches cannot be told apart by serde.
    pub(super) fn variants_of(&mut self, branches: &Branches<'a>, place: &Place) -> Option<Union> {
        match tag(&branches.values) {
            Some((tag, values)) => {
                self.check_tag(&branches.values, tag);
                Some(self.tagged(&branches.values, tag, &values, place))
            }
            None => self.untagged(&branches.values, place),
        }
    }

    /// Serde knows a tag by one name.
    fn check_tag(&mut self, branches: &[SchemaRef<'a>], tag: &str) {
        for parts in branches.iter().filter_map(|branch| Parts::of(*branch)) {
            let mut properties = parts.properties().into_iter();
            let property = properties.find(|(key, _)| *key == tag);
            let Some(((_, property), old)) = property.zip(self.aliases(&parts, tag).pop()) else {
                continue;
            };
            let message =
                format!("`{tag}` tells alternatives apart and has the older name `{old}`");
            let problem = at(RENAMED_TAG, message, &property.node().location);
            self.names.problems.push(problem);
        }
    }

    fn tagged(
        &mut self,
        branches: &[SchemaRef<'a>],
        tag: &str,
        values: &[&str],
        place: &Place,
    ) -> Union {
        let mut variants: Vec<Variant> = Vec::new();
        for (branch, value) in branches.iter().zip(values) {
            let name = camel(value);
            let location = &branch.node().location;
            if let Some(first) = variants.iter().find(|known| known.name == name) {
                let first_place = &self.schema(first.schema).node().location;
                let known = first.value.as_deref().unwrap_or_default();
                self.names
                    .collision(&name, (known, first_place), (value, location));
            }
            let Some(parts) = Parts::of(*branch) else {
                continue;
            };
            let place = place.child(value);
            let fields = self.fields(&parts, &place, Some(tag));
            let shape = self.nested_by_path(*branch, &place, ItemKind::Struct(fields));
            variants.push(Variant {
                value: Some((*value).to_owned()),
                name,
                schema: branch.id,
                shape,
            });
        }
        Union {
            tag: Some(tag.to_owned()),
            variants,
        }
    }

    /// An enum whose variants are different JSON types. An array comes before an object, whose
    /// fields serde would take from an array too.
    fn untagged(&mut self, branches: &[SchemaRef<'a>], place: &Place) -> Option<Union> {
        let mut types = Vec::new();
        for branch in branches {
            let (name, nullable) = json_type(*branch)?;
            let kind = if name == "integer" { "number" } else { name };
            if nullable || types.iter().any(|(known, _)| *known == kind) {
                return None;
            }
            types.push((kind, name));
        }
        let mut variants = Vec::new();
        for (branch, (_, name)) in branches.iter().zip(types) {
            let hint = self.variant_name(*branch, name);
            let shape = self.shape(*branch, &place.child(&hint));
            if shape == Shape::Json {
                return None;
            }
            variants.push(Variant {
                value: None,
                name: hint,
                schema: branch.id,
                shape,
            });
        }
        variants.sort_by_key(|variant| {
            json_type(self.schema(variant.schema)).is_some_and(|(name, _)| name == "object")
        });
        let mut names = BTreeSet::new();
        let distinct = variants.iter().all(|variant| names.insert(&variant.name));
        distinct.then_some(Union {
            tag: None,
            variants,
        })
    }

    /// A variant is called as its schema is, or else as its type.
    fn variant_name(&self, branch: SchemaRef<'a>, json_type: &str) -> String {
        let keywords = &branch.node().keywords;
        if let Some(title) = &keywords.title {
            return camel(title);
        }
        match keywords.reference.filter(|_| keywords.is_only_reference()) {
            Some(target) => match self.shapes.shared.get(&target) {
                Some(id) => self.shapes.item(*id).name.clone(),
                None => type_name(&self.hint(target)),
            },
            None => camel(json_type),
        }
    }
}

/// The one JSON type of a schema, and whether null is allowed too.
fn json_type(schema: SchemaRef<'_>) -> Option<(&'static str, bool)> {
    let schema = schema.resolved();
    match Parts::of(schema) {
        Some(parts) => Some(("object", parts.nullable)),
        None => single_type(&schema.keywords),
    }
}

/// The property that tells all branches apart by one constant text each, and those texts.
fn tag<'a>(branches: &[SchemaRef<'a>]) -> Option<(&'a str, Vec<&'a str>)> {
    let parts: Vec<Parts<'a>> = branches
        .iter()
        .map(|branch| Parts::of(*branch).filter(|parts| !parts.nullable && parts.is_struct()))
        .collect::<Option<_>>()?;
    let candidates = parts.first()?.properties();
    candidates.into_iter().find_map(|(key, _)| {
        let mut values: Vec<&str> = Vec::new();
        for parts in &parts {
            let properties = parts.properties();
            let (_, property) = properties.iter().find(|(name, _)| *name == key)?;
            let value = string_constant(&property.resolved().node().keywords)?;
            if !parts.requires(key) || property.default_value().is_some() || values.contains(&value)
            {
                return None;
            }
            values.push(value);
        }
        Some((key, values))
    })
}
