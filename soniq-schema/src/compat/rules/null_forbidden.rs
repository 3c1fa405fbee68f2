//! Null becomes forbidden.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "null-forbidden",
    title: "null becomes forbidden",
    backward: Some("B013"),
    forward: Some("F013"),
    source: Some("S013"),
    operational: None,
    explanation: "Rows that hold null are refused.",
    before: "properties.note = { type = ['string', 'null'] }",
    after: "properties.note = { type = 'string' }",
    help: "keep null until no row holds it, or give the task a new version",
};
