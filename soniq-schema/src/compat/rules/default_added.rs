//! A default is added.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "default-added",
    title: "a default is added",
    backward: Some("B029"),
    forward: Some("F029"),
    source: Some("S029"),
    operational: None,
    explanation: "Readers fill it in for rows that lack the property; producers write it from now on. The \
        field is no longer an `Option`.",
    before: "properties.locale = { type = 'string' }",
    after: "properties.locale = { type = 'string', default = 'en' }",
    help: "nothing is to be done on the wire; set the field without `Some`",
};
