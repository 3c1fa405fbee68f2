//! An optional property becomes required.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "property-became-required",
    title: "an optional property becomes required",
    backward: Some("B006"),
    forward: Some("F006"),
    source: Some("S006"),
    operational: None,
    explanation: "Old rows may lack it.",
    before: "properties.note = { type = 'string' }",
    after: "required = ['note']\nproperties.note = { type = 'string' }",
    help: "give it a `default`, or give the task a new version",
};
