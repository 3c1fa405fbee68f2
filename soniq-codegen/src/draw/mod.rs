//! Values of a schema: how to draw them, and one to show.
//!
//! [`gather`] reads off a schema what its values are made of, a [`Draw`]. [`sample`] makes values of
//! that, [`mod@example`] looks for one that the schema accepts; `rust::arbitrary` writes it as a
//! strategy of proptest. What a draw cannot say (`not`,
//! `oneOf` when two branches overlap, `unevaluatedProperties`) is left to the judge: a value that was
//! drawn is a candidate, and only `soniq_schema::evaluate` says that it is one of the schema's.

mod example;
mod format;
mod gather;
mod number;
mod sample;
mod text;

use serde_json::Value;
use soniq_schema::json_schema::{Pattern, SchemaId};

pub(crate) use example::example;
pub(crate) use format::expression;
pub(crate) use gather::draw;

/// How to draw values of a schema.
#[derive(Debug, Clone)]
pub(crate) enum Draw<'a> {
    /// One of these; never empty.
    Value(Vec<Value>),
    /// As one of these says, the plainest first; never empty.
    OneOf(Vec<Draw<'a>>),
    /// Any JSON.
    Any,
    /// A multiple of `step`, given by how many of it at least and at most.
    Integer { low: i128, high: i128, step: i128 },
    /// A number between the two, of the step if there is one.
    Number {
        low: f64,
        high: f64,
        step: Option<f64>,
    },
    /// A text.
    Text(Text<'a>),
    /// A list.
    Array(Array<'a>),
    /// An object.
    Object(Object<'a>),
    /// A value of a schema that a `$ref` names.
    Schema(SchemaId),
}

/// Texts; lengths are in characters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text<'a> {
    pub(crate) formats: Vec<&'a str>,
    pub(crate) patterns: Vec<&'a Pattern>,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
}

/// Lists.
#[derive(Debug, Clone)]
pub(crate) struct Array<'a> {
    /// The first elements, each with a draw of its own.
    pub(crate) first: Vec<Draw<'a>>,
    /// The others; `None` if there are none.
    pub(crate) rest: Option<Box<Draw<'a>>>,
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
    pub(crate) is_unique: bool,
}

/// Objects.
#[derive(Debug, Clone)]
pub(crate) struct Object<'a> {
    pub(crate) properties: Vec<Property<'a>>,
    /// Names and values of properties that are not listed; `None` if there are none.
    pub(crate) others: Option<Box<(Draw<'a>, Draw<'a>)>>,
    /// A property, and those that an object with it has as well.
    pub(crate) needs: Vec<(&'a str, &'a [String])>,
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
}

/// A property of an [`Object`].
#[derive(Debug, Clone)]
pub(crate) struct Property<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_required: bool,
    pub(crate) value: Draw<'a>,
}
