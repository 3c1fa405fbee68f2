//! An alternative is added to a union.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "branch-added",
    title: "an alternative is added to a union",
    backward: Some("B021"),
    forward: Some("F021"),
    source: Some("S021"),
    operational: None,
    explanation: "Old workers know no such alternative.",
    before: "oneOf = [card]",
    after: "oneOf = [card, transfer]",
    help: "deploy the workers before the producers, and waive it for that time",
};
