//! An open enum is closed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "enum-closed",
    title: "an open enum is closed",
    backward: Some("B017"),
    forward: Some("F017"),
    source: Some("S017"),
    operational: None,
    explanation: "Rows may hold values that are not listed.",
    before: "properties.size = { type = 'string', enum = ['s', 'm'], x-open = true }",
    after: "properties.size = { type = 'string', enum = ['s', 'm'] }",
    help: "leave it open",
};
