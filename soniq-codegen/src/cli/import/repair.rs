//! What only the finished contract shows: values that do not fit their schema, and types of one
//! name.

use std::collections::BTreeMap;

use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::{Diagnostic, codes};
use soniq_schema::evaluate;
use soniq_schema::json_schema::{SchemaId, SchemaRef};

use super::contract::Contract;
use super::model::{Json, Keyword, Schema};
use super::pointer::child;
use super::report::Report;
use crate::problem::NAME_COLLISION;
use crate::shape::type_name;

/// A schema of a contract: the number of its root, and its JSON pointer from there.
type Place = (usize, String);

/// Leaves out defaults, examples and listed values that do not fit their schema, which JSON Schema
/// allows; whether there were any.
pub(super) fn drop_misfits(
    contract: &mut Contract,
    contracts: &Contracts,
    diagnostics: &[Diagnostic],
    report: &mut Report,
) -> bool {
    let code = codes::BAD_SCHEMA_VALUE;
    if diagnostics.iter().all(|diagnostic| diagnostic.code != code) {
        return false;
    }
    let mut dropped = false;
    for (id, (root, pointer)) in places(contract, contracts) {
        let compiled = contracts.schemas.get(id);
        let schema = contract.roots().nth(root);
        if let Some(schema) = schema.and_then(|schema| schema.at_mut(&pointer)) {
            dropped |= drop_in(schema, compiled, report);
        }
    }
    dropped
}

fn drop_in(schema: &mut Schema, compiled: SchemaRef<'_>, report: &mut Report) -> bool {
    let from = schema.from.clone();
    let Some(keywords) = schema.keywords_mut() else {
        return false;
    };
    let fits = |json: &Json| evaluate(compiled, &json.value()).is_empty();
    let mut dropped = false;
    if keywords
        .literal("default")
        .is_some_and(|value| !fits(value))
    {
        keywords.remove("default");
        dropped = true;
        let message = "left out: the default does not fit its schema";
        report.note(&child(&from, "default"), message);
    }
    for (keyword, message) in [
        (
            "examples",
            "left out: examples that do not fit their schema",
        ),
        (
            "enum",
            "left out: listed values that the schema does not admit",
        ),
    ] {
        let Some(Keyword::Literal(Json::Array(values))) = keywords.get_mut(keyword) else {
            continue;
        };
        let before = values.len();
        let kept: Vec<Json> = values.iter().filter(|value| fits(value)).cloned().collect();
        // A schema that admits none of its values is a mistake to be shown.
        if kept.len() == before || (kept.is_empty() && keyword == "enum") {
            continue;
        }
        dropped = true;
        report.note(&child(&from, keyword), message);
        *values = kept;
        if values.is_empty() {
            keywords.remove(keyword);
        }
    }
    dropped
}

/// Gives types titles of their own where two would have one name; whether that is all of them.
pub(super) fn tell_apart(
    contract: &mut Contract,
    contracts: &Contracts,
    problems: &[Diagnostic],
    report: &mut Report,
) -> bool {
    if problems
        .iter()
        .any(|problem| problem.code != NAME_COLLISION)
    {
        return false;
    }
    let places = places(contract, contracts);
    let mut taken = titles(contract);
    for problem in problems {
        let at = places.iter().find(|(id, (_, pointer))| {
            let place = &contracts.schemas.get(**id).location;
            !pointer.is_empty() && Some(place) == problem.location.as_ref()
        });
        let Some((_, (root, pointer))) = at else {
            return false;
        };
        let root_name = contract.types.get(*root).map(|(name, _)| name.clone());
        let Some(schema) = contract.roots().nth(*root) else {
            return false;
        };
        let Some(schema) = schema.at_mut(pointer) else {
            return false;
        };
        let from = schema.from.clone();
        let Some(keywords) = schema.keywords_mut().filter(|all| !all.has("title")) else {
            return false;
        };
        let last = super::pointer::steps(pointer).pop().unwrap_or_default();
        let first = type_name(&format!("{}_{last}", root_name.unwrap_or_default()));
        let numbered = (2_usize..).map(|number| format!("{first}{number}"));
        let mut free = numbered.filter(|name| !taken.contains(name));
        let title = free.next().expect("the numbers do not end");
        keywords.set_literal("title", Json::text(title.as_str()));
        let message = format!("the `title` {title:?} is added: two types would have one name");
        report.note(&from, message);
        taken.push(title);
    }
    true
}

/// All names that types may have.
fn titles(contract: &mut Contract) -> Vec<String> {
    let mut found: Vec<String> = contract
        .types
        .iter()
        .map(|(name, _)| type_name(name))
        .collect();
    for root in contract.roots() {
        root.each(&mut |schema| {
            let keywords = schema.keywords();
            let title = keywords.and_then(|all| all.literal("title")?.as_str());
            found.extend(title.map(type_name));
        });
    }
    found
}

/// Where the schemas of the loaded contract stand in the one that was made.
fn places(contract: &Contract, contracts: &Contracts) -> BTreeMap<SchemaId, Place> {
    let mut places = BTreeMap::new();
    let Some(loaded) = contracts.contracts.first() else {
        return places;
    };
    let of_type = |name: &str| {
        let mut types = loaded.types.iter();
        types.find(|one| one.name == name).map(|one| one.schema)
    };
    let types = contract.types.iter().map(|(name, _)| of_type(name));
    let args = contract
        .task
        .iter()
        .map(|_| loaded.tasks.first().map(|task| task.args));
    for (number, root) in types.chain(args).enumerate() {
        let Some(root) = root else { continue };
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let schema = contracts.schemas.get(id);
            // The pointers of types and of args begin anew.
            if places.contains_key(&id) || (id != root && schema.pointer.is_empty()) {
                continue;
            }
            places.insert(id, (number, schema.pointer.clone()));
            let reference = schema.keywords.reference;
            open.extend(
                schema
                    .keywords
                    .children()
                    .filter(|id| Some(*id) != reference),
            );
        }
    }
    places
}
