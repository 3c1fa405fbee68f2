//! A type is narrowed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "type-narrowed",
    title: "a type is narrowed",
    backward: Some("B011"),
    forward: Some("F011"),
    source: Some("S011"),
    operational: None,
    explanation: "Rows may hold values that the narrower type has not.",
    before: "properties.n = { type = 'integer' }",
    after: "properties.n = { type = 'integer', format = 'int32' }",
    help: "leave the type, and bound the values where they come from; or give the task a new \
        version",
};
