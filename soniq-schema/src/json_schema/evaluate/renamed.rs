//! Objects with older names of properties: read as if they had the present ones.

use std::borrow::Cow;

use serde_json::Value;

use super::Walk;
use super::evaluated::Evaluated;
use crate::json_schema::{Dialect, SchemaRef};

impl Walk {
    /// The value as a schema looks at it. An older name counts as evaluated: it is that of a
    /// property, which the schema declares.
    pub(super) fn present_names<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        outer: &mut Evaluated<'v>,
    ) -> Cow<'v, Value> {
        let renames = &schema.node().keywords.renames;
        let Some(map) = value
            .as_object()
            .filter(|_| self.dialect == Dialect::Contract)
        else {
            return Cow::Borrowed(value);
        };
        let Some(renamed) = soniq_rules::renamed(map, renames) else {
            return Cow::Borrowed(value);
        };
        for (old, present) in &renamed.doubled {
            self.within(old, |walk| {
                let message = format!("is an older name of {present:?}, which is there as well");
                walk.report("x-aliases", message);
            });
        }
        let doubled = renamed.doubled.iter().map(|(old, _)| old);
        for old in renamed.read.iter().chain(doubled) {
            if let Some((key, _)) = map.get_key_value(*old) {
                outer.property(key);
            }
        }
        Cow::Owned(renamed.object)
    }
}
