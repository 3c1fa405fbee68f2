//! Unions of objects and their tags.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json_schema::{SchemaId, SchemaRef};

/// The schemas that hold of every value of `schema`: itself, and what its `$ref` and `allOf` lead to.
pub(super) fn applied(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![schema];
    let mut all = Vec::new();
    while let Some(schema) = open.pop() {
        if seen.insert(schema.id) {
            let keywords = &schema.node().keywords;
            open.extend(keywords.reference.map(|id| schema.at(id)));
            open.extend(keywords.all_of.iter().map(|id| schema.at(*id)));
            all.push(schema);
        }
    }
    all
}

/// Those branches of an `anyOf` or `oneOf` that are objects with properties.
pub(super) fn objects<'a>(schema: SchemaRef<'a>, branches: &[SchemaId]) -> Vec<SchemaRef<'a>> {
    let is_object = |branch: &SchemaRef<'_>| {
        let mut applied = applied(*branch).into_iter();
        applied.any(|schema| !schema.node().keywords.properties.is_empty())
    };
    let branches = branches.iter().map(|id| schema.at(*id));
    branches.filter(is_object).collect()
}

/// The branches of an `anyOf` or `oneOf` that are told apart by which of them a value fits, if there
/// is more than one beside null.
pub(super) fn untagged(schema: SchemaRef<'_>, branches: &[SchemaId]) -> Vec<SchemaId> {
    let is_null = |id: &SchemaId| {
        let types = schema.at(*id).resolved().keywords.types;
        types.is_some_and(|types| types.names().eq(["null"]))
    };
    let values: Vec<SchemaId> = branches.iter().copied().filter(|id| !is_null(id)).collect();
    let objects = objects(schema, &values);
    if values.len() < 2 || (objects.len() == values.len() && tag(&objects).is_some()) {
        return Vec::new();
    }
    values
}

/// The property that tells all branches apart: each requires it, with a value of its own.
pub(super) fn tag<'a>(branches: &[SchemaRef<'a>]) -> Option<&'a str> {
    let (first, rest) = branches.split_first()?;
    let mut candidates = constants(*first).into_iter();
    candidates.find_map(|(name, value)| {
        let mut values = vec![value];
        for branch in rest {
            let constants = constants(*branch);
            let (_, value) = constants.iter().find(|(other, _)| *other == name)?;
            if values.contains(value) {
                return None;
            }
            values.push(value);
        }
        Some(name)
    })
}

/// The required properties of one possible value, with that value.
fn constants(branch: SchemaRef<'_>) -> Vec<(&str, &Value)> {
    let applied = applied(branch);
    let is_required = |name: &str| {
        let mut applied = applied.iter();
        applied.any(|schema| schema.keywords.required.iter().any(|one| one == name))
    };
    let mut constants = Vec::new();
    for schema in &applied {
        for (name, id) in &schema.node().keywords.properties {
            let keywords = &schema.at(*id).resolved().node().keywords;
            let value = match (&keywords.constant, keywords.enumeration.as_deref()) {
                (Some(value), _) => value,
                (None, Some([one])) if !keywords.open => one,
                _ => continue,
            };
            if is_required(name) {
                constants.push((name.as_str(), value));
            }
        }
    }
    constants
}
