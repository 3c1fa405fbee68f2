//! What is known of schemas that were only tried.
//!
//! Without it a recursive schema whose alternatives overlap would have each part of a value walked
//! once for every way that leads there, and each level doubles the ways.

use std::collections::HashMap;
use std::ptr;

use serde_json::Value;

use super::Branch;

/// What trying a schema has shown.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) fits: bool,
    /// The properties and items that it has evaluated; `None` where nobody asked.
    pub(super) evaluated: Option<(Vec<String>, Vec<usize>)>,
}

/// The outcomes for parts of the value. A function that stands for two schemas checks both alike.
#[derive(Debug, Default)]
pub(super) struct Tried(HashMap<(Branch, usize), Outcome>);

impl Tried {
    pub(super) fn outcome(&self, branch: Branch, value: &Value) -> Option<&Outcome> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(branch, address(value)?))
    }

    pub(super) fn note(&mut self, branch: Branch, value: &Value, outcome: Outcome) {
        if let Some(address) = address(value) {
            self.0.insert((branch, address), outcome);
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
