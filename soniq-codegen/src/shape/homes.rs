//! Where the types of `$ref` targets live, and what they are called.
//!
//! A target in `[types]` has its name there. Any other, one in `$defs` or in a JSON file, gets its
//! title or the last step of its pointer: `Address` of `#/$defs/Address`. Where two of a module
//! would be called the same, both get the whole way to them: `OrderAddress`, `InvoiceAddress`. Where
//! that is not enough, since a file is called like a type, they get the file's path as well:
//! `SchemasMoneyJson`. All names are given before any type is made, so they do not depend on the
//! order of the walk.

use std::collections::{BTreeMap, BTreeSet};

use soniq_schema::contract::Contracts;
use soniq_schema::json_schema::SchemaId;
use soniq_schema::source::FileId;

use super::Module;
use super::names::type_name;
use super::reach::each_below;

/// A module, and the text that gives the type's name.
pub(super) type Home = (Module, String);

/// The home of every `$ref` target that is not one of `named`.
pub(super) fn homes(
    contracts: &Contracts,
    named: &BTreeMap<SchemaId, super::ItemId>,
) -> BTreeMap<SchemaId, Home> {
    let roots = roots(contracts);
    let mut found: Vec<(SchemaId, Module)> = Vec::new();
    // Arguments and results have their own names.
    let mut known: BTreeSet<SchemaId> = roots.iter().map(|(_, root)| *root).collect();
    known.extend(named.keys());
    let mut seen = BTreeSet::new();
    for (module, root) in &roots {
        each_below(contracts, *root, &mut seen, |id| {
            let Some(target) = contracts.schemas.get(id).node().keywords.reference else {
                return;
            };
            if known.insert(target) {
                found.push((target, Module::Namespace(module.namespace())));
            }
        });
    }
    let mut owners = BTreeMap::new();
    for (module, root) in roots.iter().filter(|_| !found.is_empty()) {
        if !matches!(module, Module::Namespace(_)) {
            own(contracts, *root, *module, &mut owners);
        }
    }
    for (target, home) in &mut found {
        *home = owners.get(target).copied().unwrap_or(*home);
    }
    let mut names: Vec<String> = found.iter().map(|(id, _)| short(contracts, *id)).collect();
    for longer in [qualified, with_path] {
        let uses = uses(
            contracts,
            found.iter().map(|(_, module)| *module).zip(&names),
        );
        for ((target, module), name) in found.iter().zip(&mut names) {
            if uses.get(&(*module, type_name(name))) > Some(&1) {
                *name = longer(contracts, *target);
            }
        }
    }
    let homes = found.into_iter().zip(names);
    homes
        .map(|((target, module), name)| (target, (module, name)))
        .collect()
}

/// How many types would have each name, those of `[types]` included.
fn uses<'n>(
    contracts: &'n Contracts,
    names: impl Iterator<Item = (Module, &'n String)>,
) -> BTreeMap<(Module, String), usize> {
    let contracts = contracts.contracts.iter().enumerate();
    let named = contracts.flat_map(|(n, contract)| {
        let types = contract.types.iter();
        types.map(move |shared| (Module::Namespace(n), &shared.name))
    });
    let mut uses = BTreeMap::new();
    for (module, name) in named.chain(names) {
        *uses.entry((module, type_name(name))).or_default() += 1;
    }
    uses
}

/// Every schema that a contract names, types first, with the module that its types are in.
fn roots(contracts: &Contracts) -> Vec<(Module, SchemaId)> {
    let mut roots = Vec::new();
    for (n, contract) in contracts.contracts.iter().enumerate() {
        let types = contract.types.iter();
        roots.extend(types.map(|shared| (Module::Namespace(n), shared.schema)));
    }
    for (n, contract) in contracts.contracts.iter().enumerate() {
        for (t, task) in contract.tasks.iter().enumerate() {
            let module = Module::Task(n, t);
            roots.push((module, task.args));
            roots.extend(task.result.map(|result| (module, result)));
            let retired = task.retired.iter();
            roots.extend(retired.map(|old| (Module::Retired(n, t, old.version), old.args)));
        }
    }
    roots
}

/// Gives a schema and all that is written inside it to a module.
fn own(
    contracts: &Contracts,
    root: SchemaId,
    module: Module,
    owners: &mut BTreeMap<SchemaId, Module>,
) {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if owners.insert(id, module).is_some() {
            continue;
        }
        let keywords = &contracts.schemas.get(id).node().keywords;
        let written = keywords.children();
        open.extend(written.filter(|child| Some(*child) != keywords.reference));
        open.extend(keywords.definitions.iter().map(|(_, id)| *id));
    }
}

fn short(contracts: &Contracts, target: SchemaId) -> String {
    let schema = contracts.schemas.get(target);
    // Without a slash it is the whole file; behind one, an empty step is a name like any other.
    let last = schema.pointer.rsplit_once('/').map(|(_, step)| step);
    let hint = schema.keywords.title.as_deref().or(last);
    hint.map_or_else(|| stem(contracts, target), str::to_owned)
}

/// The keys on the way to a target, without those that JSON Schema gives.
fn qualified(contracts: &Contracts, target: SchemaId) -> String {
    let name = if is_contract(contracts, target) {
        String::new()
    } else {
        stem(contracts, target)
    };
    name + &way(contracts, target)
}

/// The same behind the path of its file in the contracts folder.
fn with_path(contracts: &Contracts, target: SchemaId) -> String {
    let folder_of = |name: &str| name.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
    let contract = contracts.contracts.first();
    let folder = contract.map_or(0, |one| {
        folder_of(&contracts.sources.get(one.location.file).name)
    });
    let name = &contracts.sources.get(file(contracts, target)).name;
    let path = name.get(folder..).unwrap_or(name);
    path.to_owned() + &way(contracts, target)
}

fn way(contracts: &Contracts, target: SchemaId) -> String {
    let schema = contracts.schemas.get(target);
    let given = ["types", "tasks", "args", "result", "properties", "$defs"];
    let steps = schema.pointer.split('/').skip(1);
    let steps = steps.filter(|step| !given.contains(step));
    let named = steps.map(|step| if step.is_empty() { "empty" } else { step });
    named.flat_map(|step| ["_", step]).collect()
}

fn is_contract(contracts: &Contracts, target: SchemaId) -> bool {
    let file = file(contracts, target);
    contracts.contracts.iter().any(|c| c.location.file == file)
}

/// `money` of `schemas/money.json`.
fn stem(contracts: &Contracts, target: SchemaId) -> String {
    let name = &contracts.sources.get(file(contracts, target)).name;
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split('.').next().unwrap_or(file).to_owned()
}

fn file(contracts: &Contracts, target: SchemaId) -> FileId {
    contracts.schemas.get(target).location.file
}
