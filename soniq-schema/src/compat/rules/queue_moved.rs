//! A task moves to another queue.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "queue-moved",
    title: "a task moves to another queue",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O001"),
    explanation: "Rows that are there stay in the old queue.",
    before: "queue = 'billing'",
    after: "queue = 'invoices'",
    help: "let workers serve the old queue until it is empty",
};
