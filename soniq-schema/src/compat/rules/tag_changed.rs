//! The tag of a union is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "tag-changed",
    title: "the tag of a union is changed",
    backward: Some("B023"),
    forward: Some("F023"),
    source: Some("S023"),
    operational: None,
    explanation: "The property that tells the alternatives apart has another name, or there is none any \
        more.",
    before: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['kind', 'number'], properties = { kind = { const = 'card' }, number = { type = 'string' } } },\n    \
            { type = 'object', required = ['kind', 'iban'], properties = { kind = { const = 'transfer' }, iban = { type = 'string' } } },\n\
        ]",
    after: "required = ['pay']\n\
        properties.pay.oneOf = [\n    \
            { type = 'object', required = ['method', 'number'], properties = { method = { const = 'card' }, number = { type = 'string' } } },\n    \
            { type = 'object', required = ['method', 'iban'], properties = { method = { const = 'transfer' }, iban = { type = 'string' } } },\n\
        ]",
    help: "leave the tag, or give the task a new version",
};
