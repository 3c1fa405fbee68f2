//! JSON Schema formats: one predicate each.
