//! A timeout is lowered.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "timeout-lowered",
    title: "a timeout is lowered",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O004"),
    explanation: "Rows that are there and need longer end by a timeout from now on, and are tried again in \
        vain.",
    before: "timeout = '5m'",
    after: "timeout = '30s'",
    help: "compare it with how long the task runs",
};
