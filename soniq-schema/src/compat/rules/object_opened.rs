//! A closed object is opened.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "object-opened",
    title: "a closed object is opened",
    backward: Some("B019"),
    forward: Some("F019"),
    source: Some("S019"),
    operational: None,
    explanation: "Generated producers still write declared properties only.",
    before: "properties.id = { type = 'string' }\nadditionalProperties = false",
    after: "properties.id = { type = 'string' }",
    help: "nothing is to be done",
};
