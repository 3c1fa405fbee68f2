//! Null becomes allowed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "null-allowed",
    title: "null becomes allowed",
    backward: Some("B012"),
    forward: Some("F012"),
    source: Some("S012"),
    operational: None,
    explanation: "New rows may hold null, which old workers refuse.",
    before: "properties.note = { type = 'string' }",
    after: "properties.note = { type = ['string', 'null'] }",
    help: "deploy the workers before the producers, and waive it for that time; or make the \
        property optional instead",
};
