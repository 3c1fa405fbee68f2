//! Which schemas are looked at, and what each is in its contract.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use super::union;
use crate::contract::Contracts;
use crate::json_schema::{SchemaId, SchemaRef};

/// A schema at its place.
pub(super) struct Site<'a> {
    pub(super) schema: SchemaRef<'a>,
    pub(super) role: Role<'a>,
    /// Whether it is a branch of an `anyOf` or `oneOf`, written there or referred to.
    pub(super) is_branch: bool,
    /// Whether other values in it would change what something else means.
    pub(super) is_relied_on: bool,
}

/// What a schema is.
#[derive(Clone, Copy)]
pub(super) enum Role<'a> {
    /// The value of a property.
    Property(&'a str),
    /// An entry of `[types]`.
    Type(&'a str),
    /// Args, a result, items, a branch.
    Part,
}

impl<'a> Site<'a> {
    /// The property's name, if it is one.
    pub(super) fn property(&self) -> Option<&'a str> {
        match self.role {
            Role::Property(name) => Some(name),
            Role::Type(_) | Role::Part => None,
        }
    }
}

/// Every schema of every contract that is not history alone.
pub(super) fn all(contracts: &Contracts) -> Vec<Site<'_>> {
    let mut live = BTreeSet::new();
    let mut retired = BTreeSet::new();
    for (_, task) in contracts.tasks() {
        reach(contracts, task.args, &mut live);
        if let Some(result) = task.result {
            reach(contracts, result, &mut live);
        }
        for version in &task.retired {
            reach(contracts, version.args, &mut retired);
        }
    }
    let mut roles = BTreeMap::new();
    for named in contracts.contracts.iter().flat_map(|one| &one.types) {
        if !retired.contains(&named.schema) {
            reach(contracts, named.schema, &mut live);
        }
        roles.insert(named.schema, Role::Type(&named.name));
    }
    let mut branches = BTreeSet::new();
    for id in &live {
        let schema = contracts.schemas.get(*id);
        let keywords = &schema.node().keywords;
        for (name, property) in &keywords.properties {
            roles.entry(*property).or_insert(Role::Property(name));
        }
        for branch in keywords.any_of.iter().chain(&keywords.one_of) {
            branches.extend([*branch, schema.at(*branch).resolved().id]);
        }
    }
    let relied_on = relied_on(contracts);
    let is_contract = |id: &SchemaId| {
        let file = contracts.schemas.get(*id).location.file;
        let name = &contracts.sources.get(file).name;
        Path::new(name).extension() != Some(OsStr::new("json"))
    };
    let site = |id: SchemaId| Site {
        schema: contracts.schemas.get(id),
        role: roles.get(&id).copied().unwrap_or(Role::Part),
        is_branch: branches.contains(&id),
        is_relied_on: relied_on.contains(&id),
    };
    live.into_iter().filter(is_contract).map(site).collect()
}

/// Schemas that must take neither more nor fewer values than they do: those of retired versions, which
/// are history, those that a condition asks for, and branches that nothing but their values tells
/// apart.
fn relied_on(contracts: &Contracts) -> BTreeSet<SchemaId> {
    let retired = contracts.tasks().flat_map(|(_, task)| &task.retired);
    let mut open: Vec<SchemaId> = retired.map(|version| version.args).collect();
    for id in contracts.schemas.ids() {
        let schema = contracts.schemas.get(id);
        let keywords = &schema.node().keywords;
        open.extend(keywords.not);
        open.extend(keywords.condition.map(|condition| condition.test));
        open.extend(
            keywords
                .contains
                .filter(|_| keywords.max_contains.is_some()),
        );
        for branches in [&keywords.any_of, &keywords.one_of] {
            open.extend(union::untagged(schema, branches));
        }
    }
    let mut all = BTreeSet::new();
    while let Some(id) = open.pop() {
        if all.insert(id) {
            open.extend(contracts.schemas.get(id).node().keywords.children());
        }
    }
    all
}

/// Adds a schema, and what it says its values are made of. Not among them are conditions, which
/// speak of what is declared elsewhere.
fn reach(contracts: &Contracts, from: SchemaId, seen: &mut BTreeSet<SchemaId>) {
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let keywords = &contracts.schemas.get(id).node().keywords;
        open.extend(keywords.properties.iter().map(|(_, id)| *id));
        open.extend(keywords.pattern_properties.iter().map(|one| one.schema));
        open.extend(keywords.additional_properties);
        open.extend(&keywords.prefix_items);
        open.extend(keywords.items);
        open.extend(keywords.reference);
        open.extend(&keywords.all_of);
        open.extend(&keywords.any_of);
        open.extend(&keywords.one_of);
    }
}
