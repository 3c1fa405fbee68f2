//! A value that one side writes is refused by the other.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "rows-refused",
    title: "a value that one side writes is refused by the other",
    backward: Some("B000"),
    forward: Some("F000"),
    source: None,
    operational: None,
    explanation: "The schemas admit different values, for a reason that no other rule names. What is said \
        here comes from the values themselves: the witness is one that the one side writes and \
        the other refuses.",
    before: "properties.a = { anyOf = [{ type = 'integer' }, { type = 'number', minimum = 5 }] }\n\
        properties.b = { oneOf = [{ type = 'integer' }, { type = 'number', minimum = 5 }] }",
    after: "properties.a = { oneOf = [{ type = 'integer' }, { type = 'number', minimum = 5 }] }\n\
        properties.b = { anyOf = [{ type = 'integer' }, { type = 'number', minimum = 5 }] }",
    help: "take the change back, or give the task a new version and keep the old arguments under \
        `retired`",
};
