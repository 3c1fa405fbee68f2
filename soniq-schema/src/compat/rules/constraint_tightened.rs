//! A bound is tightened.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "constraint-tightened",
    title: "a bound is tightened",
    backward: Some("B024"),
    forward: Some("F024"),
    source: Some("S024"),
    operational: None,
    explanation: "Rows may hold values beyond the new bound, and would be refused.",
    before: "properties.name = { type = 'string' }",
    after: "properties.name = { type = 'string', maxLength = 80 }",
    help: "check the bound where the values come from, or give the task a new version",
};
