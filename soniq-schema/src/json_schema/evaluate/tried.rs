//! What is known of schemas that were only tried.
//!
//! Without it a recursive schema whose alternatives overlap would have each part of a value walked
//! once for every way that leads there, and each level doubles the ways.

use std::collections::HashMap;
use std::ptr;

use serde_json::Value;

use crate::json_schema::SchemaId;

/// Whether parts of the value fit a schema, as far as that was found out.
#[derive(Debug, Default)]
pub(super) struct Tried(HashMap<(SchemaId, usize), bool>);

impl Tried {
    pub(super) fn fits(&self, schema: SchemaId, value: &Value) -> Option<bool> {
        self.0.get(&(schema, address(value)?)).copied()
    }

    pub(super) fn note(&mut self, schema: SchemaId, value: &Value, fits: bool) {
        if let Some(address) = address(value) {
            self.0.insert((schema, address), fits);
        }
    }

    /// To be called before a value is looked at that was made on the way: one that is gone may have
    /// stood at the same address.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// What tells a part of the value from the others; none for those that are quicker checked again.
fn address(value: &Value) -> Option<usize> {
    (value.is_array() || value.is_object()).then(|| ptr::from_ref(value).addr())
}
