//! JSON Schema 2020-12 as the contract language takes it: model, evaluation, defaults.

mod defaults;
mod evaluate;
mod keywords;
mod model;

pub use defaults::fill_defaults;
pub use evaluate::{Dialect, Violation, evaluate, evaluate_as};
pub use keywords::{Condition, Keywords, Pattern, PatternProperty, Types};
pub use model::{Node, SchemaId, SchemaRef, Schemas};
