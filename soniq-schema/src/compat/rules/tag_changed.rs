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
    before: "oneOf = [{ properties.kind = { const = 'card' } }, ..]",
    after: "oneOf = [{ properties.type = { const = 'card' } }, ..]",
    help: "leave the tag, or give the task a new version",
};
