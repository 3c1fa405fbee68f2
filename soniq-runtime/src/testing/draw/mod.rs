//! Strategies for the values of a contract: what generated `Arbitrary` implementations are made of.
//!
//! A [`Draw`] draws JSON that is nearly always what the schema wants; [`accepted`] takes what passes
//! the generated check. What a draw does not know of (`not`, `oneOf` when two branches overlap,
//! `unevaluatedProperties`) is only kept by that, so a contract that is mostly made of such keywords
//! has many values rejected; proptest gives up after `max_local_rejects` of them.

mod array;
mod number;
mod object;
mod text;

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::{BoxedStrategy, Union};
use serde_json::Value;

pub use array::{Array, array};
pub use number::{integer, number};
pub use object::{Object, object};
pub use text::{Text, text};

use crate::check::{Checked, decode};

/// A strategy for JSON, or none: of a type that would go on for ever.
#[derive(Debug, Clone)]
pub struct Draw(Option<BoxedStrategy<Value>>);

impl Draw {
    fn new(strategy: impl Strategy<Value = Value> + 'static) -> Self {
        Draw(Some(strategy.boxed()))
    }
}

/// Values of `T` that its check accepts.
pub fn accepted<T: Checked + Debug>(draw: Draw) -> BoxedStrategy<T> {
    let values = draw.0.unwrap_or_else(|| Just(Value::Null).boxed());
    let checked = |value| decode(value).ok();
    values
        .prop_filter_map("the contract refuses the value", checked)
        .boxed()
}

/// No value.
pub fn none() -> Draw {
    Draw(None)
}

/// One of the elements of a list in JSON.
pub fn values(json: &str) -> Draw {
    let values = serde_json::from_str::<Vec<Value>>(json).unwrap_or_default();
    if values.is_empty() {
        return none();
    }
    Draw::new(proptest::sample::select(values))
}

/// As one of these says.
pub fn one_of<const N: usize>(draws: [Draw; N]) -> Draw {
    let draws: Vec<_> = draws.into_iter().filter_map(|draw| draw.0).collect();
    if draws.is_empty() {
        return none();
    }
    Draw::new(Union::new(draws))
}

/// Any JSON, if not too much of it.
pub fn any() -> Draw {
    let scalar = proptest::prop_oneof![
        Just(Value::Null),
        proptest::bool::ANY.prop_map(Value::from),
        proptest::num::i32::ANY.prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        "[a-z ]{0,8}".prop_map(Value::from),
    ];
    Draw::new(scalar.prop_recursive(2, 8, 3, |inner| {
        proptest::prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z]{1,8}", inner), 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    }))
}

/// A type within itself, which ends after `depth` levels.
pub fn deeper(depth: u32, draw: fn(u32) -> Draw) -> Draw {
    depth.checked_sub(1).map_or_else(none, draw)
}
