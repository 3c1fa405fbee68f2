//! What a reader makes of a value before it looks at it: older names and defaults.

use serde_json::Value;

use crate::json_schema::{SchemaId, SchemaRef, Schemas, evaluate};

/// The reader's schemas.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    schemas: &'a Schemas,
}

/// What the schema of one place does to objects there.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// Properties with a default.
    pub(super) defaults: Vec<(String, Value)>,
    /// Older names, each with the present one.
    pub(super) renamed: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Reader { schemas }
    }

    pub(super) fn schema(self, id: SchemaId) -> SchemaRef<'a> {
        self.schemas.get(id)
    }

    /// Whether the reader takes the value.
    pub(super) fn takes(self, id: SchemaId, value: &Value) -> bool {
        evaluate(self.schema(id), value).is_empty()
    }

    /// What applies to every object of a place.
    pub(super) fn place(self, id: SchemaId) -> Place {
        let mut place = Place::default();
        let mut seen = Vec::new();
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            let schema = self.schema(id).resolved();
            if seen.contains(&schema.id) {
                continue;
            }
            seen.push(schema.id);
            let keywords = &schema.node().keywords;
            for (name, id) in &keywords.properties {
                let property = self.schema(*id);
                if let Some(default) = property.default_value() {
                    place.defaults.push((name.clone(), default.clone()));
                }
                let aliases = property.node().keywords.aliases.iter();
                place
                    .renamed
                    .extend(aliases.map(|old| (old.clone(), name.clone())));
            }
            waiting.extend(keywords.reference);
            waiting.extend(&keywords.all_of);
        }
        place
    }
}
