//! An optional property is added.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "optional-property-added",
    title: "an optional property is added",
    backward: Some("B001"),
    forward: Some("F001"),
    source: Some("S001"),
    operational: None,
    explanation: "Old rows lack the property, which is allowed; old workers leave it alone. It breaks \
        where the old schema let undeclared properties through - by `additionalProperties` or \
        `patternProperties` - and they may hold something else. Code that builds `Args` by its \
        builder compiles, a struct literal does not.",
    before: "properties.id = { type = 'string' }",
    after: "properties.id = { type = 'string' }\nproperties.note = { type = 'string' }",
    help: "build `Args` by its builder; where undeclared properties were written, choose a name \
        that is not among them",
};
