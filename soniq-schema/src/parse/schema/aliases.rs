//! `x-aliases`: which older names the properties of an object have, and that each is one property's.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{SchemaId, SchemaRef};
use crate::parse::context::Context;
use crate::parse::template::always_applied;
use crate::source::Location;

/// Where a schema has its older names.
#[derive(Debug)]
pub(in crate::parse) struct Aliases {
    /// The keyword.
    pub(super) key: Location,
    /// Each name.
    pub(super) names: Vec<Location>,
    /// Whether the schema is a property of one that was not read: a `$ref` may lead straight into
    /// a JSON file.
    pub(super) may_be_property: bool,
}

/// Gives every schema the older names of its object's properties, and reports those that are
/// taken, or stand where there is no property.
///
/// For use when circles have been cut: what applies to an object is found along `$ref`s.
pub(in crate::parse) fn resolve_aliases(context: &mut Context<'_>) {
    if context.aliases.is_empty() {
        return;
    }
    let mut properties = BTreeSet::new();
    // Two places are one problem, however many schemas bring them together.
    let mut problems = BTreeMap::new();
    for id in context.schemas.ids() {
        let schema = context.schemas.get(id);
        properties.extend(schema.node().keywords.properties.iter().map(|(_, id)| *id));
        let older = older_names(schema);
        find_taken(context, schema, &older, &mut problems);
        let mut renames: Vec<(String, String)> = Vec::new();
        for name in older {
            if !renames.iter().any(|(old, _)| old == name.old) {
                renames.push((name.old.to_owned(), name.present.to_owned()));
            }
        }
        context.schemas.node_mut(id).keywords.renames = renames;
    }
    let misplaced = context.aliases.iter();
    let misplaced = misplaced.filter(|(id, one)| !one.may_be_property && !properties.contains(*id));
    let misplaced: Vec<_> = misplaced
        .map(|(_, aliases)| {
            let message = "`x-aliases` stands on a schema that is no property";
            Diagnostic::new(codes::MISPLACED_ALIASES, message, &aliases.key)
        })
        .collect();
    for problem in problems.into_values().chain(misplaced) {
        context.report(problem);
    }
}

/// An older name of a property.
struct OlderName<'a> {
    old: &'a str,
    present: &'a str,
    /// The property's schema, and which of its older names this is.
    at: (SchemaId, usize),
}

/// The older names of the properties that a schema gives its objects, by itself or by what its
/// `$ref` and `allOf` name.
fn older_names(schema: SchemaRef<'_>) -> Vec<OlderName<'_>> {
    let mut found = Vec::new();
    for part in always_applied(schema) {
        for (present, id) in &part.node().keywords.properties {
            let aliases = part.at(*id).node().keywords.aliases.iter().enumerate();
            found.extend(aliases.map(|(index, old)| OlderName {
                old,
                present,
                at: (*id, index),
            }));
        }
    }
    found
}

/// Reports older names that something else at the same object is called by.
fn find_taken(
    context: &Context<'_>,
    schema: SchemaRef<'_>,
    older: &[OlderName<'_>],
    problems: &mut BTreeMap<(Key, Key), Diagnostic>,
) {
    if older.is_empty() {
        return;
    }
    let place = |name: &OlderName<'_>| &context.aliases[&name.at.0].names[name.at.1];
    let declared = declared(schema);
    let mut seen: BTreeMap<&str, &OlderName<'_>> = BTreeMap::new();
    for name in older {
        let OlderName { old, present, .. } = name;
        let at = place(name);
        let mut report = |message: String, other: &Location, label: String| {
            let key = (key(at), key(other));
            problems.entry(key).or_insert_with(|| {
                Diagnostic::new(codes::ALIAS_TAKEN, message, at)
                    .label(format!("of `{present}`"))
                    .secondary(other, label)
            });
        };
        if let Some(id) = declared.get(old) {
            let message = format!("the older name {old:?} is the name of a property");
            let other = &schema.at(*id).node().location;
            report(message, other, format!("the property `{old}`"));
        }
        let first = *seen.entry(old).or_insert(name);
        if first.present != *present {
            let message = format!("two properties have the older name {old:?}");
            report(message, place(first), format!("of `{}`", first.present));
        }
    }
}

/// The properties that any schema of the same object declares, be it one of several alternatives.
fn declared(schema: SchemaRef<'_>) -> BTreeMap<&str, SchemaId> {
    let mut declared = BTreeMap::new();
    let mut open = vec![schema.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let keywords = &schema.at(id).node().keywords;
            for (name, id) in &keywords.properties {
                declared.entry(name.as_str()).or_insert(*id);
            }
            open.extend(keywords.in_place());
        }
    }
    declared
}

/// A place as something to sort by.
type Key = (crate::source::FileId, usize);

fn key(location: &Location) -> Key {
    (location.file, location.range.start)
}
