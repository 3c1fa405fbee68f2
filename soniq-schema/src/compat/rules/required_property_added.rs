//! A required property without a default is added.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "required-property-added",
    title: "a required property without a default is added",
    backward: Some("B002"),
    forward: Some("F002"),
    source: Some("S002"),
    operational: None,
    explanation: "Rows that are there already lack the property, so every one of them would be refused.",
    before: "required = ['id']\nproperties.id = { type = 'string' }",
    after: "required = ['id', 'locale']\nproperties.id = { type = 'string' }\nproperties.locale = { \
        type = 'string' }",
    help: "give the property a `default`, make it optional, or give the task a new version",
};
