//! A value is removed from an enum.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "enum-value-removed",
    title: "a value is removed from an enum",
    backward: Some("B015"),
    forward: Some("F015"),
    source: Some("S015"),
    operational: None,
    explanation: "Rows may hold the value. A closed enum refuses it; an open one hands it on as one that \
        it does not know.",
    before: "properties.size = { type = 'string', enum = ['s', 'm', 'l'] }",
    after: "properties.size = { type = 'string', enum = ['s', 'm'] }",
    help: "keep the value until no row holds it",
};
