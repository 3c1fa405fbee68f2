//! JSON Schema 2020-12 as the contract language takes it: model and evaluation.

mod model;

pub use model::{Keywords, Node, SchemaId, SchemaRef, Schemas, Types};
