//! Schemas: a value of a contract or of a JSON file becomes a node of the arena.
//!
//! A schema is read once, whoever comes first: the one that it stands in, or a `$ref` that names
//! its place. Its place is a file and a JSON pointer, and the pointer has two parts: the *root*,
//! which is the schema that a `#/...` without a file speaks of, and the way from there.

mod aliases;
mod applicators;
mod core;
mod cycles;
mod keywords;
mod pattern;
mod places;
mod reader;
mod reference;
mod together;

use super::MAX_DEPTH;
use super::context::Context;
use super::item::Item;
use super::table::Entry;
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Node, SchemaId};
use reader::Reader;

pub(super) use aliases::{Aliases, resolve_aliases};
pub(super) use cycles::cut_cycles;
pub(super) use keywords::SUPPORTED;
pub(super) use places::{Place, Places};
pub(super) use reference::{Reference, resolve_references};

/// Reads the schema that is the value of a key.
pub(in crate::parse) fn read_entry(
    context: &mut Context<'_>,
    entry: &Entry<'_>,
    place: &Place,
    depth: usize,
) -> SchemaId {
    let id = read(context, entry.item, place, depth);
    context.schemas.node_mut(id).key = entry.key_location.clone();
    id
}

/// Reads a schema, if it was not read before.
///
/// What cannot be read is left out, which makes the schema admit more, so that later checks do not
/// stumble over it again.
pub(in crate::parse) fn read(
    context: &mut Context<'_>,
    item: Item<'_>,
    place: &Place,
    depth: usize,
) -> SchemaId {
    if let Some(id) = context.places.find(place.file, &place.absolute()) {
        return id;
    }
    let node = Node::empty(item.location(), place.pointer.clone());
    let id = context.schemas.push(node);
    context.places.add(place, id);
    if depth > MAX_DEPTH {
        let message = format!("the schema is nested more than {MAX_DEPTH} levels deep");
        context.report(Diagnostic::new(codes::TOO_DEEP, message, &item.location()));
        return id;
    }
    if let Some(boolean) = item.boolean() {
        context.schemas.node_mut(id).boolean = Some(boolean);
        return id;
    }
    let Some(table) = item.table() else {
        let table = if item.is_json() {
            "an object"
        } else {
            "a table"
        };
        let message = format!("a schema is {table} or a boolean, not {}", item.kind());
        let diagnostic = Diagnostic::new(codes::WRONG_TYPE, message, &item.location());
        context.report(diagnostic);
        context.untyped.push(id);
        return id;
    };
    let mut reader = Reader::new(context, id, place, item.is_json(), depth);
    for entry in &table.entries {
        keywords::read(&mut reader, entry);
    }
    let keywords = reader.finish(&table);
    context.schemas.node_mut(id).keywords = keywords;
    id
}
