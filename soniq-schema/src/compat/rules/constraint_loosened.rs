//! A bound is loosened.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "constraint-loosened",
    title: "a bound is loosened",
    backward: Some("B025"),
    forward: Some("F025"),
    source: Some("S025"),
    operational: None,
    explanation: "New rows may hold values beyond the old bound, which old workers refuse.",
    before: "properties.name = { type = 'string', maxLength = 80 }",
    after: "properties.name = { type = 'string' }",
    help: "deploy the workers before the producers, and waive it for that time",
};
