//! A property is added to a closed object.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "property-added-to-closed",
    title: "a property is added to a closed object",
    backward: Some("B020"),
    forward: Some("F020"),
    source: Some("S020"),
    operational: None,
    explanation: "Old workers refuse what they do not know.",
    before: "properties.id = { type = 'string' }\nadditionalProperties = false",
    after: "properties.id = { type = 'string' }\nproperties.note = { type = 'string' \
        }\nadditionalProperties = false",
    help: "open the object in a release before; or deploy the workers before the producers, and \
        waive it for that time",
};
