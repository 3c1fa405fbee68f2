//! An enum is opened.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "enum-opened",
    title: "an enum is opened",
    backward: Some("B016"),
    forward: Some("F016"),
    source: Some("S016"),
    operational: None,
    explanation: "New rows may hold any text there, which old workers refuse.",
    before: "properties.size = { type = 'string', enum = ['s', 'm'] }",
    after: "properties.size = { type = 'string', enum = ['s', 'm'], x-open = true }",
    help: "deploy the workers before the producers, and waive it for that time",
};
