//! A priority is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "priority-changed",
    title: "a priority is changed",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O002"),
    explanation: "Rows that are there keep their priority.",
    before: "priority = 50",
    after: "priority = 500",
    help: "nothing is to be done",
};
