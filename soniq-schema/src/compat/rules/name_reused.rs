//! A reserved name is used again.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "name-reused",
    title: "a reserved name is used again",
    backward: Some("B036"),
    forward: None,
    source: None,
    operational: None,
    explanation: "Old rows may hold the property with another meaning.",
    before: "reserved = ['note']",
    after: "properties.note = { type = 'integer' }",
    help: "choose another name, and leave the reserved one under `reserved`",
};
