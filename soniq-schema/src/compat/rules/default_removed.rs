//! A default is removed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "default-removed",
    title: "a default is removed",
    backward: Some("B028"),
    forward: Some("F028"),
    source: Some("S028"),
    operational: None,
    explanation: "Where the property is required, rows from before it was added are refused. The field \
        becomes an `Option`, or has to be set.",
    before: "required = ['locale']\nproperties.locale = { type = 'string', default = 'en' }",
    after: "required = ['locale']\nproperties.locale = { type = 'string' }",
    help: "keep the default",
};
