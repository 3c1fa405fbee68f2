//! The type or typed format of a value is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "type-changed",
    title: "the type or typed format of a value is changed",
    backward: Some("B009"),
    forward: Some("F009"),
    source: Some("S009"),
    operational: None,
    explanation: "Values of the one type are none of the other.",
    before: "properties.due = { type = 'string' }",
    after: "properties.due = { type = 'string', format = 'date-time' }",
    help: "add a property of the new type beside the old one, or give the task a new version",
};
