//! A property is renamed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "property-renamed",
    title: "a property is renamed",
    backward: Some("B008"),
    forward: Some("F008"),
    source: Some("S008"),
    operational: None,
    explanation: "With `x-aliases`, new workers read the old name as well. Old workers do not know the new \
        one.",
    before: "required = ['mail']\nproperties.mail = { type = 'string' }",
    after: "required = ['email']\nproperties.email = { type = 'string', x-aliases = ['mail'] }",
    help: "keep the name on the wire, or deploy the workers before the producers and waive it for \
        that time",
};
