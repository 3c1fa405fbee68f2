//! A pattern or condition is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "logic-changed",
    title: "a pattern or condition is changed",
    backward: Some("B026"),
    forward: Some("F026"),
    source: Some("S026"),
    operational: None,
    explanation: "Of `pattern`, `multipleOf`, `not`, `if`, `contains` and their like, only a proof tells \
        which values they admit. Where there is none, and no value that breaks was found either, \
        the finding is unproven and fails.",
    before: "properties.code = { type = 'string', pattern = '^[A-Z]+$' }",
    after: "properties.code = { type = 'string', pattern = '^[A-Z]{2}$' }",
    help: "add a property beside it, or give the task a new version; where you know better, waive \
        it",
};
