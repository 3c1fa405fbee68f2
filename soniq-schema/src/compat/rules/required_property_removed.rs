//! A required property is removed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "required-property-removed",
    title: "a required property is removed",
    backward: Some("B005"),
    forward: Some("F005"),
    source: Some("S005"),
    operational: None,
    explanation: "New workers read old rows without it. Old workers refuse new rows, which lack it.",
    before: "required = ['note']\nproperties.note = { type = 'string' }",
    after: "reserved = ['note']",
    help: "make it optional first, and remove it once no worker requires it",
};
