//! An open object is closed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "object-closed",
    title: "an open object is closed",
    backward: Some("B018"),
    forward: Some("F018"),
    source: Some("S018"),
    operational: None,
    explanation: "Generated producers write declared properties only, so their rows are still read. Rows \
        of other writers, by SQL or from Python, may hold more: `soniq contracts check-rows` \
        names them.",
    before: "properties.id = { type = 'string' }",
    after: "properties.id = { type = 'string' }\nadditionalProperties = false",
    help: "run `soniq contracts check-rows` before you deploy",
};
