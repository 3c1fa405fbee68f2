//! Which undeclared properties a producer can write: what the Rust type of a schema leaves out.
//!
//! A struct writes its fields and nothing else. But the generator makes no struct of every object:
//! a map has any key, `serde_json::Value` holds any JSON, and a struct keeps undeclared properties
//! where some check looks at them. What is said here must not be narrower than what it does.

use std::collections::BTreeSet;

use crate::json_schema::{Keywords, SchemaId, SchemaRef};

/// How an object is written.
#[derive(Debug, Clone)]
pub(super) struct Struct {
    /// Fields: each property with its schema as it stands in `properties`.
    pub(super) fields: Vec<(String, SchemaId)>,
    /// Whether other properties are written as well.
    pub(super) is_open: bool,
    /// Fields whose values are `serde_json::Value`, for some check looks into them.
    pub(super) inside: BTreeSet<String>,
    /// Whether that are all of them.
    pub(super) all_inside: bool,
}

/// Whether a schema that says nothing but `anyOf` or `oneOf` is one of types; `None` where it says
/// more than that.
pub(in crate::compat) fn is_typed_union(schema: SchemaRef<'_>) -> Option<bool> {
    let keywords = &schema.node().keywords;
    let branches: &[SchemaId] = match (keywords.any_of.as_slice(), keywords.one_of.as_slice()) {
        ([], all) | (all, []) if !all.is_empty() => all,
        _ => return None,
    };
    if !says_only_alternatives(keywords) {
        return None;
    }
    let values: Vec<_> = branches
        .iter()
        .map(|id| schema.at(*id).resolved())
        .filter(|branch| single_type(&branch.keywords) != Some("null"))
        .collect();
    let mut kinds = BTreeSet::new();
    let distinct = values.iter().all(|branch| {
        let kind = single_type(&branch.keywords);
        let kind = if kind == Some("integer") {
            Some("number")
        } else {
            kind
        };
        kind.is_some_and(|kind| kinds.insert(kind))
    });
    Some(values.len() == 1 || distinct || tag(&values).is_some())
}

/// The property that tells all branches apart by one text each.
pub(in crate::compat) fn tag<'a>(branches: &[SchemaRef<'a>]) -> Option<&'a str> {
    let (first, _) = branches.split_first()?;
    let properties = first.resolved().node().keywords.properties.iter();
    properties.map(|(name, _)| name.as_str()).find(|name| {
        let mut values = BTreeSet::new();
        branches.iter().all(|branch| {
            let value = tag_value(branch.resolved(), name);
            value.is_some_and(|value| values.insert(value))
        })
    })
}

/// The one text that a required property of a branch has.
pub(in crate::compat) fn tag_value<'a>(branch: SchemaRef<'a>, name: &str) -> Option<&'a str> {
    let keywords = &branch.node().keywords;
    let (_, id) = keywords.properties.iter().find(|(key, _)| key == name)?;
    let property = branch.at(*id);
    let is_required = keywords.required.iter().any(|key| key == name);
    if !is_required || property.default_value().is_some() {
        return None;
    }
    let keywords = &property.resolved().node().keywords;
    match (&keywords.constant, keywords.enumeration.as_deref()) {
        (Some(constant), _) => constant.as_str(),
        (None, Some([one])) if !keywords.open => one.as_str(),
        _ => None,
    }
}

fn says_only_alternatives(keywords: &Keywords) -> bool {
    let rest = Keywords {
        reference: keywords
            .any_of
            .iter()
            .chain(&keywords.one_of)
            .next()
            .copied(),
        types: None,
        any_of: Vec::new(),
        one_of: Vec::new(),
        ..keywords.clone()
    };
    keywords.reference.is_none() && rest.is_only_reference()
}

/// The one type beside null that a schema lists.
fn single_type(keywords: &Keywords) -> Option<&'static str> {
    let names: Vec<_> = keywords.types?.names().collect();
    match names.as_slice() {
        [one] => Some(one),
        ["null", one] => Some(one),
        _ => None,
    }
}

/// Whether the items are held in a type of their own.
pub(super) fn has_typed_items(schema: SchemaRef<'_>) -> bool {
    let keywords = &schema.node().keywords;
    single_type(keywords) == Some("array")
        && keywords.contains.is_none()
        && keywords.unevaluated_items.is_none()
        && keywords.enumeration.is_none()
        && keywords.constant.is_none()
        && keywords.in_place().next().is_none()
        && keywords.prefix_items.is_empty()
}

/// How the objects of a schema are written; `None` where they are held as JSON.
pub(super) fn object(schema: SchemaRef<'_>, is_args: bool) -> Option<Struct> {
    let mut parts = Vec::new();
    let mut checked = Vec::new();
    gather(schema, &mut parts, &mut checked);
    let is_object = |part: &SchemaRef<'_>| single_type(&part.keywords) == Some("object");
    if !is_args && !parts.iter().any(is_object) {
        return None;
    }
    let is_alone = parts.len() == 1 && checked.is_empty();
    let is_nullable = parts
        .iter()
        .any(|part| part.keywords.types.is_some_and(|types| types.null));
    if is_nullable && !is_alone {
        return None;
    }
    let mut fields: Vec<(String, SchemaId)> = Vec::new();
    let mut looks = Looks::default();
    for part in &parts {
        for (name, id) in &part.node().keywords.properties {
            if fields.iter().any(|(known, _)| known == name) {
                looks.inside.insert(name.clone());
            } else {
                fields.push((name.clone(), *id));
            }
        }
    }
    let declared: BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    for part in &parts {
        looks.at_names(&declared, &part.node().keywords);
        let keywords = &part.node().keywords;
        looks.others |= !keywords.pattern_properties.is_empty();
        for id in [
            keywords.additional_properties,
            keywords.unevaluated_properties,
        ] {
            if let Some(id) = id
                && part.at(id).boolean.is_none()
            {
                looks.others = true;
                looks.all |= parts.len() > 1;
            }
        }
        for one in &keywords.pattern_properties {
            let matching = declared
                .iter()
                .filter(|name| one.pattern.regex.is_match(name));
            looks.inside.extend(matching.map(|name| (*name).to_owned()));
        }
    }
    for schema in checked {
        looks.at(&declared, schema, 0);
    }
    let is_closed = parts.iter().any(|part| {
        let keywords = &part.node().keywords;
        let others = keywords.additional_properties;
        keywords.pattern_properties.is_empty()
            && others.is_some_and(|id| part.at(id).boolean == Some(false))
    });
    let is_map = fields.is_empty() && !is_args;
    Some(Struct {
        is_open: (is_map || looks.others) && !is_closed,
        fields,
        inside: looks.inside,
        all_inside: looks.all,
    })
}

/// The schemas that make one struct, and those of the same value that are only checked.
fn gather<'a>(
    schema: SchemaRef<'a>,
    parts: &mut Vec<SchemaRef<'a>>,
    checked: &mut Vec<SchemaRef<'a>>,
) {
    if parts.iter().any(|part| part.id == schema.id) {
        return;
    }
    parts.push(schema);
    let keywords = &schema.node().keywords;
    let merged: BTreeSet<SchemaId> = keywords
        .reference
        .iter()
        .chain(&keywords.all_of)
        .copied()
        .collect();
    for id in keywords.in_place() {
        let part = schema.at(id);
        if merged.contains(&id) && may_be_object(part) {
            gather(part, parts, checked);
        } else {
            checked.push(part);
        }
    }
}

fn may_be_object(schema: SchemaRef<'_>) -> bool {
    let keywords = &schema.node().keywords;
    let listed = keywords.enumeration.is_some() || keywords.constant.is_some();
    let is_object = keywords.types.is_none() || single_type(keywords) == Some("object");
    schema.boolean.is_none() && is_object && (keywords.types.is_some() || !listed)
}

/// How deep schemas in place are followed.
const MAX_DEPTH: usize = 32;

/// What checks look at beside the schemas of the fields.
#[derive(Default)]
struct Looks {
    others: bool,
    all: bool,
    inside: BTreeSet<String>,
}

impl Looks {
    fn at_names(&mut self, declared: &BTreeSet<&str>, keywords: &Keywords) {
        let dependent = keywords.dependent_required.iter();
        let dependent = dependent.flat_map(|(name, needed)| needed.iter().chain([name]));
        let schemas = keywords.dependent_schemas.iter().map(|(name, _)| name);
        let mut names = keywords.required.iter().chain(dependent).chain(schemas);
        self.others |= names.any(|name| !declared.contains(name.as_str()))
            || keywords.min_properties.is_some()
            || keywords.max_properties.is_some();
        if keywords.enumeration.is_some() || keywords.constant.is_some() {
            self.others = true;
            self.all = true;
        }
    }

    fn at(&mut self, declared: &BTreeSet<&str>, schema: SchemaRef<'_>, depth: usize) {
        let keywords = &schema.node().keywords;
        self.at_names(declared, keywords);
        for (name, id) in &keywords.properties {
            if schema.at(*id).boolean == Some(true) {
                continue;
            }
            if declared.contains(name.as_str()) {
                self.inside.insert(name.clone());
            } else {
                self.others = true;
            }
        }
        if depth > MAX_DEPTH
            || keywords.additional_properties.is_some()
            || keywords.unevaluated_properties.is_some()
            || keywords.property_names.is_some()
            || !keywords.pattern_properties.is_empty()
        {
            self.others = true;
            self.all = true;
            return;
        }
        for id in keywords.in_place() {
            self.at(declared, schema.at(id), depth + 1);
        }
    }
}
