//! Task contracts: read, check, evaluate.

pub mod contract;
pub mod json_schema;
pub mod source;
