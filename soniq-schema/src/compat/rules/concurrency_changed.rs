//! The limit of concurrency is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "concurrency-changed",
    title: "the limit of concurrency is changed",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O007"),
    explanation: "Rows that are there are counted by the limit and key that workers have; while old and \
        new workers run, both apply.",
    before: "concurrency.limit = 1",
    after: "concurrency.limit = 4",
    help: "finish the deployment of all workers before you rely on the limit",
};
