//! The shape breaks and the version stays.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "version-not-bumped",
    title: "the shape breaks and the version stays",
    backward: Some("B032"),
    forward: Some("F032"),
    source: None,
    operational: None,
    explanation: "Rows of a version are told apart by it alone. A shape that does not fit old rows, or \
        that old workers do not take, is another version.",
    before: "version = 1\n\
        properties.due = { type = 'string' }",
    after: "version = 1\n\
        properties.due = { type = 'integer' }",
    help: "run `soniq-codegen bump contracts TASK`: it raises the version and keeps the old arguments \
        under `retired`",
};
