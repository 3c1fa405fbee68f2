//! What of JSON Schema the generator does not carry out yet: refused by name, so that no rule of a
//! contract is silently dropped.
//!
//! A construct that gets its types and checks leaves this file.

use std::collections::BTreeSet;

use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::Diagnostic;
use soniq_schema::json_schema::{SchemaId, SchemaRef};

use crate::problem::{NOT_CARRIED_OUT, at};

/// One problem for each construct of each schema that types, tasks and results are made of.
pub(crate) fn problems(contracts: &Contracts) -> Vec<Diagnostic> {
    let types = contracts.contracts.iter().flat_map(|c| &c.types);
    let shared: BTreeSet<SchemaId> = types.map(|named| named.schema).collect();
    let mut waiting: Vec<SchemaId> = shared.iter().copied().collect();
    for (_, task) in contracts.tasks() {
        waiting.push(task.args);
        waiting.extend(task.result);
        waiting.extend(task.retired.iter().map(|version| version.args));
    }
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let schema = contracts.schemas.get(id);
        waiting.extend(schema.node().keywords.children());
        for construct in constructs(schema, &shared) {
            let message = format!("{construct} has no generated code in this release");
            problems.push(at(NOT_CARRIED_OUT, message, &schema.node().location));
        }
    }
    problems
}

/// The constructs of one schema that are not carried out, each in words.
fn constructs(schema: SchemaRef<'_>, shared: &BTreeSet<SchemaId>) -> Vec<String> {
    let k = &schema.node().keywords;
    let keywords = [
        ("patternProperties", !k.pattern_properties.is_empty()),
        ("propertyNames", k.property_names.is_some()),
        ("dependentRequired", !k.dependent_required.is_empty()),
        ("dependentSchemas", !k.dependent_schemas.is_empty()),
        ("unevaluatedProperties", k.unevaluated_properties.is_some()),
        ("unevaluatedItems", k.unevaluated_items.is_some()),
        ("contains", k.contains.is_some()),
        ("allOf", !k.all_of.is_empty()),
        ("anyOf", !k.any_of.is_empty()),
        ("oneOf", !k.one_of.is_empty()),
        ("not", k.not.is_some()),
        ("if", k.condition.is_some()),
    ];
    let mut found: Vec<String> = keywords
        .into_iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(keyword, _)| format!("`{keyword}`"))
        .collect();
    if k.reference.is_some_and(|target| !shared.contains(&target)) {
        found.push("a `$ref` to a schema outside of `[types]`".to_owned());
    }
    let is_declared = |name: &str| k.properties.iter().any(|(key, _)| key == name);
    // Beside a `$ref`, which may declare it, no builder is made.
    if k.reference.is_none() && k.required.iter().any(|name| !is_declared(name)) {
        found.push("a required property that is not declared".to_owned());
    }
    found
}
