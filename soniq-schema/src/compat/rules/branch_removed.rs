//! An alternative is removed from a union.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "branch-removed",
    title: "an alternative is removed from a union",
    backward: Some("B022"),
    forward: Some("F022"),
    source: Some("S022"),
    operational: None,
    explanation: "Rows may hold it.",
    before: "oneOf = [card, transfer]",
    after: "oneOf = [card]",
    help: "keep it until no row holds it, or give the task a new version",
};
