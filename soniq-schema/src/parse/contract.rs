//! One contract file: its envelope, types and tasks.

use super::behaviour::{self, Behaviour};
use super::context::Context;
use super::names::{self, Form};
use super::table::Table;
use super::toml_file::TomlFile;
use super::{schema, task};
use crate::contract::{Contract, NamedType};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Location};

/// The edition of the contract language that this release reads.
const EDITION: &str = "2026";

pub(super) const KEYS: &[&str] = &[
    "edition",
    "namespace",
    "owner",
    "description",
    "defaults",
    "types",
    "tasks",
];

/// What the tasks of a file need to know of it.
pub(super) struct Envelope<'n> {
    pub(super) namespace: &'n str,
    pub(super) defaults: Behaviour,
}

/// Reads one file. `None` if it names no namespace that tasks could be in; its schemas and tasks
/// are read and reported all the same.
pub(super) fn read(context: &mut Context<'_>, file: &TomlFile<'_>) -> Option<Contract> {
    let table = file.table()?;
    table.check_keys(context, KEYS, "a contract");
    check_edition(context, &table, file.id);
    let place = Location {
        file: file.id,
        range: 0..0,
    };
    let namespace = table
        .require(context, "namespace", "the contract", &place)
        .cloned()
        .and_then(|entry| entry.string(context))
        .filter(|name| {
            names::check(
                context,
                "a namespace",
                name.value,
                &name.location,
                Form::Segment,
            )
        });
    let defaults = read_defaults(context, &table);
    let types = read_types(context, &table, file.id);
    let envelope = Envelope {
        // A stand-in keeps the tasks readable; the contract itself is dropped below.
        namespace: namespace.as_ref().map_or("namespace", |name| name.value),
        defaults,
    };
    let mut tasks = Vec::new();
    if let Some(entry) = table.get("tasks")
        && let Some(table) = entry.table(context)
    {
        for entry in &table.entries {
            tasks.extend(task::read(context, &envelope, entry));
        }
    }
    tasks.sort_by(|a, b| a.key.cmp(&b.key));
    let owner = table.text(context, "owner");
    let description = table.text(context, "description");
    let namespace = namespace?;
    Some(Contract {
        file: file.id,
        namespace: namespace.value.to_owned(),
        location: namespace.location,
        owner,
        description,
        types,
        tasks,
    })
}

fn check_edition(context: &mut Context<'_>, table: &Table<'_>, file: FileId) {
    let place = Location { file, range: 0..0 };
    let entry = table.require(context, "edition", "the contract", &place);
    let Some(edition) = entry.cloned().and_then(|entry| entry.string(context)) else {
        return;
    };
    if edition.value != EDITION {
        let message = format!("there is no edition {:?}", edition.value);
        context.report(Diagnostic::new(
            codes::UNKNOWN_EDITION,
            message,
            &edition.location,
        ));
    }
}

fn read_defaults(context: &mut Context<'_>, table: &Table<'_>) -> Behaviour {
    let Some(table) = table.get("defaults").and_then(|entry| entry.table(context)) else {
        return Behaviour::default();
    };
    table.check_keys(context, behaviour::KEYS, "`defaults`");
    behaviour::read(context, &table)
}

fn read_types(context: &mut Context<'_>, table: &Table<'_>, file: FileId) -> Vec<NamedType> {
    let Some(table) = table.get("types").and_then(|entry| entry.table(context)) else {
        return Vec::new();
    };
    let mut types = Vec::new();
    for entry in &table.entries {
        let place = schema::Place::root(file, &["types", entry.key]);
        let id = schema::read_entry(context, entry, &place, 0);
        let (key, at) = (entry.key, &entry.key_location);
        if names::check(context, "a type", key, at, Form::TypeName) {
            types.push(NamedType {
                name: key.to_owned(),
                location: at.clone(),
                schema: id,
            });
        }
    }
    types.sort_by(|a, b| a.name.cmp(&b.name));
    types
}
