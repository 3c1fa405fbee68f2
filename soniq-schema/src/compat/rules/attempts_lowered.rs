//! Max_attempts is lowered.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "attempts-lowered",
    title: "max_attempts is lowered",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O003"),
    explanation: "A row that is enqueued from now on is given up sooner; rows that are there keep the \
        number that they were written with.",
    before: "retry.max_attempts = 5",
    after: "retry.max_attempts = 3",
    help: "look at how many attempts dead letters had",
};
