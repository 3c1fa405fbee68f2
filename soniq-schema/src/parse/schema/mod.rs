//! Schemas: a TOML value becomes a node of the arena.

mod keywords;
mod pattern;
mod reader;
mod reference;
mod together;

use super::MAX_DEPTH;
use super::context::Context;
use super::table::Item;
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Node, SchemaId};
use reader::Reader;

pub(super) use reference::{cut_cycles, declare_types};

/// Reads a schema into a new node.
pub(in crate::parse) fn read(
    context: &mut Context<'_>,
    item: Item<'_>,
    pointer: String,
    depth: usize,
) -> SchemaId {
    let id = context
        .schemas
        .push(Node::empty(item.location(), pointer.clone()));
    fill(context, id, item, pointer, depth);
    id
}

/// Reads a schema into a node that was declared before. What cannot be read is left out, which
/// makes the schema admit more, so that later checks do not stumble over it again.
pub(in crate::parse) fn fill(
    context: &mut Context<'_>,
    id: SchemaId,
    item: Item<'_>,
    pointer: String,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        let message = format!("the schema is nested more than {MAX_DEPTH} levels deep");
        context.report(Diagnostic::new(codes::TOO_DEEP, message, &item.location()));
        return;
    }
    if let Some(boolean) = item.boolean() {
        context.schemas.node_mut(id).boolean = Some(boolean);
        return;
    }
    let Some(table) = item.table() else {
        let message = format!("a schema is a table or a boolean, not {}", item.kind());
        context.report(Diagnostic::new(
            codes::WRONG_TYPE,
            message,
            &item.location(),
        ));
        context.untyped.push(id);
        return;
    };
    let mut reader = Reader::new(context, id, pointer, depth);
    for entry in &table.entries {
        keywords::read(&mut reader, entry);
    }
    let keywords = reader.finish(&table);
    context.schemas.node_mut(id).keywords = keywords;
}
