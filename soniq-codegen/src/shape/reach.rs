//! Which schemas checks reach beside those that types follow.

use std::collections::BTreeSet;

use soniq_schema::contract::Contracts;
use soniq_schema::json_schema::SchemaId;

/// Calls `visit` once with each schema that says something about values of `from`.
pub(super) fn each_below(
    contracts: &Contracts,
    from: SchemaId,
    seen: &mut BTreeSet<SchemaId>,
    mut visit: impl FnMut(SchemaId),
) {
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        visit(id);
        let keywords = &contracts.schemas.get(id).node().keywords;
        let first = open.len();
        open.extend(keywords.children());
        // Popped from the end, yet visited in the order of the contract.
        open[first..].reverse();
    }
}

/// Of `schemas`, and what they apply to the same value, those whose evaluations an `unevaluated*`
/// keyword asks for.
pub(super) fn observed(contracts: &Contracts, schemas: &BTreeSet<SchemaId>) -> BTreeSet<SchemaId> {
    let mut observed = BTreeSet::new();
    let mut open: Vec<SchemaId> = schemas
        .iter()
        .copied()
        .filter(|id| {
            let keywords = &contracts.schemas.get(*id).node().keywords;
            keywords.unevaluated_items.is_some() || keywords.unevaluated_properties.is_some()
        })
        .collect();
    while let Some(id) = open.pop() {
        if observed.insert(id) {
            open.extend(contracts.schemas.get(id).node().keywords.in_place());
        }
    }
    observed
}
