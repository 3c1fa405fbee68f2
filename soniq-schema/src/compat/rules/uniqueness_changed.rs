//! What makes a job unique is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "uniqueness-changed",
    title: "what makes a job unique is changed",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O005"),
    explanation: "Rows that are there have the old key. A new row with the same meaning is queued beside \
        them.",
    before: "dedup_key = 'invoice:{id}'\n\
        required = ['customer', 'id']\n\
        properties = { customer = { type = 'string' }, id = { type = 'string' } }",
    after: "dedup_key = '{customer}:{id}'\n\
        required = ['customer', 'id']\n\
        properties = { customer = { type = 'string' }, id = { type = 'string' } }",
    help: "let the queue drain, or bear duplicates for that time",
};
