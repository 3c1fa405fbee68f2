//! A version is left behind without being retired.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "version-not-retired",
    title: "a version is left behind without being retired",
    backward: Some("B034"),
    forward: None,
    source: None,
    operational: None,
    explanation: "Rows of the old version may still lie in the queue. Without its arguments under \
        `retired`, no worker can read them.",
    before: "version = 1",
    after: "version = 2",
    help: "put the old arguments under `retired.vN`, or show by a census that no row is left",
};
