//! A value is added to an enum.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "enum-value-added",
    title: "a value is added to an enum",
    backward: Some("B014"),
    forward: Some("F014"),
    source: Some("S014"),
    operational: None,
    explanation: "Old workers refuse the new value, unless the enum is open (`x-open = true`). A `match` \
        without a wildcard has to decide about it.",
    before: "properties.size = { type = 'string', enum = ['s', 'm'] }",
    after: "properties.size = { type = 'string', enum = ['s', 'm', 'l'] }",
    help: "open the enum in a release before; or deploy the workers before the producers, and waive \
        it for that time",
};
