//! JSON Schema 2020-12 as the contract language takes it: model, evaluation, defaults.

mod defaults;
mod evaluate;
mod model;

pub use defaults::fill_defaults;
pub use evaluate::{Violation, evaluate};
pub use model::{Keywords, Node, Pattern, SchemaId, SchemaRef, Schemas, Types};
