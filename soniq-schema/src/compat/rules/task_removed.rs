//! A task is removed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "task-removed",
    title: "a task is removed",
    backward: Some("B031"),
    forward: None,
    source: Some("S031"),
    operational: None,
    explanation: "Rows with its name may lie in the queue, wait for a retry or be replayed from the dead \
        letters. No worker would run them.",
    before: "[tasks.send_invoice]\n\
        version = 1\n\
        args.type = 'object'",
    after: "",
    help: "keep the task as `deprecated` until a census shows that no row is left",
};
