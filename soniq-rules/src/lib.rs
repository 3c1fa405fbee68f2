//! The rules of JSON Schema over JSON values, one function each.
