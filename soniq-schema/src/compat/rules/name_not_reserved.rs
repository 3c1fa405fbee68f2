//! A property is removed and its name is not reserved.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "name-not-reserved",
    title: "a property is removed and its name is not reserved",
    backward: Some("B035"),
    forward: None,
    source: None,
    operational: None,
    explanation: "Rows that hold the property are still there. If the name is used again for something \
        else, they are read as that.",
    before: "properties.note = { type = 'string' }",
    after: "",
    help: "put the name under `reserved` of the task",
};
