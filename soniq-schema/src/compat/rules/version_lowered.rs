//! A version is lowered.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "version-lowered",
    title: "a version is lowered",
    backward: Some("B033"),
    forward: Some("F033"),
    source: None,
    operational: None,
    explanation: "Rows of the higher version would be run by nobody, and what was released cannot be taken \
        back.",
    before: "version = 2",
    after: "version = 1",
    help: "set the version back, or raise it further",
};
