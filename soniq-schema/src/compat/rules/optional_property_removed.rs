//! An optional property is removed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "optional-property-removed",
    title: "an optional property is removed",
    backward: Some("B004"),
    forward: Some("F004"),
    source: Some("S004"),
    operational: None,
    explanation: "Rows that have the property are read without it, unless the object is closed by \
        `additionalProperties = false`. Old workers do without it. Code that sets or reads the \
        field no longer compiles.",
    before: "properties.note = { type = 'string' }",
    after: "reserved = ['note']",
    help: "put the name under `reserved`; where the object is closed, open it first",
};
