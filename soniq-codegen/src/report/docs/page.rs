//! What the catalogue says, whatever it is written in.

use super::text::{Anchor, Text};

/// All of it.
pub(super) struct Catalogue {
    /// By name.
    pub(super) namespaces: Vec<Namespace>,
}

impl Catalogue {
    pub(super) fn task_count(&self) -> usize {
        let counts = self
            .namespaces
            .iter()
            .map(|namespace| namespace.tasks.len());
        counts.sum()
    }
}

/// One contract.
pub(super) struct Namespace {
    pub(super) anchor: Anchor,
    pub(super) name: String,
    pub(super) owner: Option<String>,
    pub(super) description: Option<String>,
    /// `billing.toml:2`
    pub(super) declared: String,
    pub(super) tasks: Vec<Task>,
    pub(super) types: Vec<Type>,
}

/// One task.
pub(super) struct Task {
    pub(super) anchor: Anchor,
    /// Its name on the wire.
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) deprecated: Option<String>,
    /// Queue and schedule, for lists of tasks.
    pub(super) brief: [Text; 2],
    pub(super) facts: Vec<Fact>,
    /// Arguments, result, arguments of retired versions.
    pub(super) values: Vec<Value>,
    pub(super) examples: Vec<Example>,
    /// The call that enqueues it.
    pub(super) rust: String,
}

/// Something that a task is or does.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) text: Text,
}

/// Arguments or a result.
pub(super) struct Value {
    pub(super) anchor: Anchor,
    pub(super) title: String,
    pub(super) schema: Schema,
}

/// A schema with a section of its own.
pub(super) struct Type {
    pub(super) anchor: Anchor,
    pub(super) name: String,
    pub(super) declared: String,
    pub(super) schema: Schema,
    /// The tasks and types that refer to it.
    pub(super) used_by: Vec<Text>,
}

/// What a schema says: of the whole value, then of its parts.
pub(super) struct Schema {
    pub(super) kind: Text,
    pub(super) rules: Vec<Text>,
    pub(super) prose: Vec<String>,
    pub(super) fields: Vec<Field>,
}

/// A part of a value.
pub(super) struct Field {
    /// `items[].price`
    pub(super) path: String,
    pub(super) kind: Text,
    /// Empty for what is no property.
    pub(super) presence: Text,
    pub(super) rules: Vec<Text>,
    pub(super) prose: Vec<String>,
}

/// An example of a task's arguments.
pub(super) struct Example {
    /// Indented JSON.
    pub(super) json: String,
    /// The same for a shell.
    pub(super) command: String,
}
