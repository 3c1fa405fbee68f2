//! JSON Schema 2020-12 as the contract language takes it: model and evaluation.

mod evaluate;
mod model;

pub use evaluate::{Violation, evaluate};
pub use model::{Keywords, Node, Pattern, SchemaId, SchemaRef, Schemas, Types};
