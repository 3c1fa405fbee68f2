//! A required property becomes optional.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "property-became-optional",
    title: "a required property becomes optional",
    backward: Some("B007"),
    forward: Some("F007"),
    source: Some("S007"),
    operational: None,
    explanation: "New rows may lack it, and old workers require it.",
    before: "required = ['note']\nproperties.note = { type = 'string' }",
    after: "properties.note = { type = 'string' }",
    help: "deploy the workers before the producers, and waive it for that time",
};
