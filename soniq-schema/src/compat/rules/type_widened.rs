//! A type is widened.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "type-widened",
    title: "a type is widened",
    backward: Some("B010"),
    forward: Some("F010"),
    source: Some("S010"),
    operational: None,
    explanation: "Old values are among the new ones; new ones may not be among the old. An integer that \
        becomes a number is held as a float, which is exact up to 2^53 only.",
    before: "properties.n = { type = 'integer', format = 'int32' }",
    after: "properties.n = { type = 'integer' }",
    help: "deploy the workers before the producers, and waive it for that time",
};
