//! An alternative is added to a union.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "branch-added",
    title: "an alternative is added to a union",
    backward: Some("B021"),
    forward: Some("F021"),
    source: Some("S021"),
    operational: None,
    explanation: "Old workers know no such alternative.",
    before: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['kind', 'number'], properties = { kind = { const = 'card' }, number = { type = 'string' } } },\n\
        ]",
    after: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['kind', 'number'], properties = { kind = { const = 'card' }, number = { type = 'string' } } },\n    \
            { type = 'object', required = ['kind', 'iban'], properties = { kind = { const = 'transfer' }, iban = { type = 'string' } } },\n\
        ]",
    help: "deploy the workers before the producers, and waive it for that time",
};
