//! A property with a default is added.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "defaulted-property-added",
    title: "a property with a default is added",
    backward: Some("B003"),
    forward: Some("F003"),
    source: Some("S003"),
    operational: None,
    explanation: "A reader fills the default in for rows that lack the property.",
    before: "properties.id = { type = 'string' }",
    after: "properties.id = { type = 'string' }\nproperties.locale = { type = 'string', default = \
        'en' }",
    help: "nothing is to be done",
};
