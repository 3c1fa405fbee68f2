//! An alternative is removed from a union.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "branch-removed",
    title: "an alternative is removed from a union",
    backward: Some("B022"),
    forward: Some("F022"),
    source: Some("S022"),
    operational: None,
    explanation: "Rows may hold it.",
    before: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['kind', 'number'], properties = { kind = { const = 'card' }, number = { type = 'string' } } },\n    \
            { type = 'object', required = ['kind', 'iban'], properties = { kind = { const = 'transfer' }, iban = { type = 'string' } } },\n\
        ]",
    after: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['kind', 'number'], properties = { kind = { const = 'card' }, number = { type = 'string' } } },\n\
        ]",
    help: "keep it until no row holds it, or give the task a new version",
};
