//! A type is renamed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "type-renamed",
    title: "a type is renamed",
    backward: None,
    forward: None,
    source: Some("S030"),
    operational: None,
    explanation: "The wire does not know names of types, code does.",
    before: "[types.Money]\n\
        type = 'object'\n\
        properties.minor = { type = 'integer' }\n\
        \n\
        [tasks.ship]\n\
        version = 1\n\
        args = { type = 'object', properties.total = { '$ref' = '#/types/Money' } }",
    after: "[types.Amount]\n\
        type = 'object'\n\
        properties.minor = { type = 'integer' }\n\
        \n\
        [tasks.ship]\n\
        version = 1\n\
        args = { type = 'object', properties.total = { '$ref' = '#/types/Amount' } }",
    help: "keep the name, or rename it in the code",
};
