//! Where in a lock file the schema of a value stands.

use std::ops::Range;

use super::LockedSchema;
use crate::json_text::{self, JsonMember, JsonNode, JsonValue};
use crate::source::{Location, Sources};

impl LockedSchema {
    /// The place of what a finding at `pointer` (`/args/lines/*/sku`) is about, or of the nearest one
    /// around it that can be told without knowing which branch of a union is meant.
    pub(super) fn place(&self, sources: &Sources, pointer: &str) -> Option<Location> {
        let location = self.location.as_ref()?;
        let text = sources
            .get(location.file)
            .text
            .get(location.range.clone())?;
        let root = json_text::parse(text).ok()?;
        // The schema as a whole is a screen of text: its first bracket stands for it.
        let mut range = root.range.start..root.range.end.min(root.range.start + 1);
        let mut at = &root;
        for step in pointer.split('/').skip(2) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let Some((place, part)) = step_into(&root, at, &name) else {
                break;
            };
            range = place;
            at = part;
        }
        let start = location.range.start;
        Some(Location {
            file: location.file,
            range: start + range.start..start + range.end,
        })
    }
}

/// The schema of a property, or of every item for `*`, and the bytes that name it.
fn step_into<'n>(
    root: &'n JsonNode,
    schema: &'n JsonNode,
    name: &str,
) -> Option<(Range<usize>, &'n JsonNode)> {
    let schema = followed(root, schema)?;
    let property = member(schema, "properties").and_then(|one| member(&one.node, name));
    let items = || {
        let keywords = ["items", "additionalProperties", "unevaluatedProperties"];
        let mut found = keywords
            .iter()
            .filter_map(|keyword| member(schema, keyword));
        found.next().filter(|_| name == "*")
    };
    let found = property.or_else(items)?;
    Some((found.key_range.clone(), &found.node))
}

/// What a schema refers to, if it does; a circle of references is not a schema of anything.
fn followed<'n>(root: &'n JsonNode, schema: &'n JsonNode) -> Option<&'n JsonNode> {
    let mut schema = schema;
    for _ in 0..16 {
        let Some(JsonValue::String(path)) = member(schema, "$ref").map(|one| &one.node.value)
        else {
            return Some(schema);
        };
        schema = match path.strip_prefix("#/$defs/") {
            Some(number) => &member(&member(root, "$defs")?.node, number)?.node,
            None => root,
        };
    }
    None
}

fn member<'n>(node: &'n JsonNode, key: &str) -> Option<&'n JsonMember> {
    match &node.value {
        JsonValue::Object(members) => members.iter().find(|one| one.key == key),
        _ => None,
    }
}
