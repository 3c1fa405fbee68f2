//! A default is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "default-changed",
    title: "a default is changed",
    backward: Some("B027"),
    forward: Some("F027"),
    source: Some("S027"),
    operational: None,
    explanation: "Producers fill defaults in before they enqueue, so that rows keep their meaning. Rows \
        from before the property was there get the new default.",
    before: "properties.locale = { type = 'string', default = 'en' }",
    after: "properties.locale = { type = 'string', default = 'de' }",
    help: "look whether rows from before the property was added are still there",
};
